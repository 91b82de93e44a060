/* Draws the night with Bokeh, and asks the server for the part that is looked at. */
"use strict";

(() => {
  // Bokeh puts style elements into the page; those that it makes itself are let through.
  const { nonce } = document.currentScript;
  const create = document.createElement.bind(document);
  document.createElement = (name, options) => {
    const element = create(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  };

  const night = JSON.parse(document.getElementById("night").textContent);
  const LENGTH = night.end - night.start; // Milliseconds; x is counted from the start.
  const LEAST = 400; // Milliseconds shown at the least: twenty samples at 50 Hz.
  const PATIENCE = 120; // Milliseconds without another move before the server is asked.
  const SOON = 250; // Milliseconds that the lines are waited for before the rest is drawn.
  const REMEMBERED = 40; // Answers kept, so that going back asks nothing.
  const FEW = 300; // Samples that are each given a dot.
  const MG_PER_G = 1000;
  const NEAR = 100; // Share of the width within which a sample is next to the pointer.
  const LEFT = 46; // Pixels for the numbers beside every panel, so that all begin alike.

  const answers = new Map();

  /* Ask for a part of the night and as much again around it, so that one can go along. */
  function ask(from, to) {
    const all = from <= 0 && to >= LENGTH;
    const around = (to - from) / 2;
    const points = 2 * Math.ceil(Math.min(innerWidth, 1300) / 100) * 100;
    const address = new URL(night.curves, location.href);
    address.searchParams.set("start", night.start + Math.max(0, Math.floor(from - around)));
    address.searchParams.set("end", night.start + Math.min(LENGTH, Math.ceil(to + around)));
    address.searchParams.set("points", all ? points : Math.min(4000, 2 * points));
    if (!answers.has(address.href)) {
      if (answers.size >= REMEMBERED) answers.delete(answers.keys().next().value);
      const answer = fetch(address, { credentials: "same-origin" }).then(async (found) => {
        const told = await found.json();
        if (!found.ok) throw new Error(told.detail);
        return told;
      });
      answers.set(address.href, answer);
      answer.catch(() => answers.delete(address.href));
    }
    return answers.get(address.href);
  }

  // Before Bokeh has even been read: the server can work meanwhile.
  const whole = ask(0, LENGTH);

  /* Times of the wearer */

  const inZone = (options) =>
    new Intl.DateTimeFormat(night.locale, { timeZone: night.zone, ...options });
  const MINUTES = inZone({ hour: "2-digit", minute: "2-digit" });
  const SECONDS = inZone({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const TENTHS = inZone({ minute: "2-digit", second: "2-digit", fractionalSecondDigits: 1 });
  const DATE = inZone({
    year: "numeric", month: "numeric", day: "numeric",
    hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23",
  });
  const IN_G = new Intl.NumberFormat(night.locale, {
    minimumFractionDigits: 2, maximumFractionDigits: 2,
  });
  const IN_WHOLES = new Intl.NumberFormat(night.locale, { maximumFractionDigits: 0 });
  const STEPS = [
    100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3, 1800e3,
    3600e3, 7200e3, 10800e3, 21600e3,
  ];

  /* How far the wearer's clock is before UTC, in milliseconds. */
  function offset(instant) {
    const whole = Math.floor(instant / 1000) * 1000;
    const part = Object.fromEntries(
      DATE.formatToParts(whole).map((each) => [each.type, Number(each.value)]),
    );
    const { year, month, day, hour, minute, second } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
  }

  /* Round times of the wearer's clock within a part of the night, with what to call them. */
  function ticks(from, to, width) {
    const written = (step) => (step >= 60e3 ? MINUTES : step >= 1e3 ? SECONDS : TENTHS);
    // Pixels that a label takes: in a clock of twelve hours it is half as long again.
    const wide = (step) => 18 + 8.25 * written(step).format(night.start).length;
    const step =
      STEPS.find((each) => ((to - from) / each) * wide(each) <= width) ?? STEPS.at(-1);
    const ahead = offset(night.start + from);
    const first = Math.ceil((night.start + from + ahead) / step) * step - ahead - night.start;
    const format = written(step);
    const places = [];
    for (let place = first; place <= to; place += step) places.push(place);
    return new Map(places.map((place) => [place, format.format(night.start + place)]));
  }

  document.addEventListener("DOMContentLoaded", () => {
    const element = (id) => document.getElementById(id);
    const colour = (name) =>
      getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    element("shown").textContent = night.words.reading;
    Bokeh.logger.set_level("warn");
    element("no-script").remove();
    for (const hidden of document.querySelectorAll("#controls, #picture, #picture-keys, .look")) {
      hidden.hidden = false;
    }

    const { Plotting, Range1d, ColumnDataSource, FixedTicker, BoxAnnotation, Label } = Bokeh;
    const range = new Range1d({
      start: 0, end: LENGTH, bounds: [0, LENGTH], min_interval: LEAST,
    });
    const ticker = new FixedTicker({ ticks: [] });
    const axes = [];

    function panel(name, title, height, y_range, axis) {
      const plot = Plotting.figure({
        name, title, height, y_range, x_range: range, sizing_mode: "stretch_width",
        tools: "xpan,xwheel_zoom", active_drag: "xpan", active_scroll: "xwheel_zoom",
        toolbar_location: null, x_axis_location: axis,
        background_fill_color: colour("paper"), border_fill_color: colour("paper"),
        outline_line_color: null, min_border_left: LEFT, min_border_right: 14,
        min_border_top: 2, min_border_bottom: 2, output_backend: "canvas",
      });
      plot.title?.setv({
        text_color: colour("ink"), text_font: "system-ui, sans-serif", text_font_size: "15px",
        text_font_style: "normal", standoff: 2,
      });
      for (const each of [...plot.xaxis, ...plot.yaxis]) {
        each.setv({
          axis_line_color: colour("line"), major_tick_line_color: colour("line"),
          minor_tick_line_color: null, major_label_text_color: colour("quiet"),
          major_label_text_font: "system-ui, sans-serif", major_label_text_font_size: "14px",
        });
      }
      for (const each of [...plot.xgrid, ...plot.ygrid]) each.grid_line_color = colour("line");
      for (const each of plot.ygrid) each.grid_line_alpha = 0.5;
      for (const each of plot.xgrid) each.ticker = ticker;
      for (const each of plot.yaxis) each.ticker.desired_num_ticks = 4;
      for (const each of plot.xaxis) {
        each.ticker = ticker;
        axes.push(each);
      }
      return plot;
    }

    /* Sleep, awakenings and faults: a lane each, named within. */
    function lanes() {
      const marks = { name: night.words.episodes, kind: "episode", spans: [] };
      const all = [night.episodes.length ? marks : null, ...night.lanes].filter(Boolean);
      const plot = panel(
        "lanes", null, 26 + 40 * all.length, new Range1d({ start: -all.length, end: 0 }), "above",
      );
      for (const each of plot.yaxis) each.setv({
        major_label_text_color: null, major_tick_line_color: null, axis_line_color: null,
      });
      for (const each of plot.ygrid) each.visible = false;
      all.forEach((lane, place) => {
        plot.add_layout(new Label({
          x: 0, x_units: "screen", y: -place - 0.06, text: lane.name, text_baseline: "top",
          text_color: colour("ink"), text_font: "system-ui, sans-serif", text_font_size: "15px",
        }));
        const bottom = -place - 0.95;
        const top = -place - 0.6;
        if (lane.kind !== "episode") {
          const fault = lane.kind === "fault";
          plot.quad({
            left: lane.spans.map((span) => span[0] - night.start),
            right: lane.spans.map((span) => span[1] - night.start),
            bottom, top,
            fill_color: fault ? colour("paper") : colour("seen"),
            line_color: fault ? colour("ink") : colour("seen"),
            hatch_pattern: fault ? "right_diagonal_line" : null,
            hatch_color: colour("ink"), hatch_scale: 6,
          });
          return;
        }
        plot.quad({
          left: night.episodes.map((each) => each.start - night.start),
          right: night.episodes.map((each) => each.end - night.start),
          bottom: bottom + 0.1, top: top - 0.1,
          fill_color: colour("found"), fill_alpha: 0.4, line_color: null,
        });
        for (const [standing, fill] of [["likely", "found"], ["possible", "paper"]]) {
          const theirs = night.episodes.filter((each) => each.standing === standing);
          plot.scatter({
            x: theirs.map((each) => (each.start + each.end) / 2 - night.start),
            y: theirs.map(() => (bottom + top) / 2),
            size: 14, fill_color: colour(fill), line_color: colour("found"), line_width: 2.5,
          });
        }
      });
      return plot;
    }

    const panels = {
      movement: panel("movement", night.words.movement, 120, new Range1d({ start: 0, end: 100 })),
      axes: panel("axes", night.words.axes, 130, new Range1d({ start: -1.1, end: 1.1 })),
      tilt: panel("tilt", night.words.tilt, 105, new Range1d({ start: -100, end: 100 })),
      heart: panel("heart", night.words.heart, 130, new Range1d({ start: 50, end: 90 })),
    };
    for (const name of ["movement", "axes", "tilt"]) {
      for (const each of panels[name].xaxis) each.visible = false;
    }
    for (const each of panels.tilt.yaxis) each.ticker = new FixedTicker({ ticks: [-90, 0, 90] });

    const lines = [
      ["enmo_g", panels.movement, "seen", MG_PER_G],
      ["x_g", panels.axes, "line-x", 1],
      ["y_g", panels.axes, "line-y", 1],
      ["z_g", panels.axes, "line-z", 1],
      ["z_angle_deg", panels.tilt, "seen", 1],
      ["heart_bpm", panels.heart, "found", 1],
    ].map(([name, plot, colouring, factor]) => {
      const source = new ColumnDataSource({ name, data: { t: [], v: [] } });
      const at = { x: { field: "t" }, y: { field: "v" }, source };
      plot.line({ ...at, line_color: colour(colouring), line_width: 1.4 });
      const dots = plot.scatter({ ...at, size: 5, color: colour(colouring), visible: false });
      return { name, plot, source, factor, dots };
    });
    for (const plot of Object.values(panels)) {
      plot.on_event("mousemove", ({ x }) => point(x));
      plot.on_event("mouseleave", () => element("pointed").replaceChildren());
      for (const each of night.episodes) {
        plot.add_layout(new BoxAnnotation({
          left: each.start - night.start, right: each.end - night.start,
          fill_color: colour("found"), fill_alpha: 0.16, line_color: colour("found"),
          line_alpha: 0.5, level: "underlay",
        }));
      }
    }

    /* Write what is drawn of each line next to a place in time. */
    function point(place) {
      const near = (range.end - range.start) / NEAR;
      const values = lines.map(({ plot, source }) => {
        const { t, v } = source.data;
        const apart = Array.from(t, (time) => Math.abs(time - place));
        const least = apart.reduce((best, each, at) => (each < (apart[best] ?? near) ? at : best), -1);
        return { plot, value: v[least] };
      });
      const told = Object.values(panels).flatMap((plot) => {
        const known = values.filter((each) => each.plot === plot && Number.isFinite(each.value));
        const digits = plot === panels.axes ? IN_G : IN_WHOLES;
        const shown = known.map((each) => digits.format(each.value)).join(" ");
        return known.length ? [`${plot.title.text}: ${shown}`] : [];
      });
      const time = SECONDS.format(night.start + place);
      element("pointed").textContent = told.length ? [time, ...told].join(" · ") : "";
    }

    /* Put the recordings of an answer one behind the other, with a break between. */
    function fill(told, from, to) {
      const shift = told.start - night.start;
      const drawn = told.recordings.filter((each) => !each.problem);
      const few = drawn.every((each) => each.whole) && to - from < LENGTH;
      const seen = { movement: [0], axes: [], heart: [] };
      for (const { name, plot, source, factor, dots } of lines) {
        const t = [];
        const v = [];
        for (const each of drawn) {
          const { ms, values } = each.lines[name];
          for (let place = 0; place < ms.length; place += 1) {
            t.push(ms[place] + shift);
            v.push(values[place] === null ? NaN : factor * values[place]);
          }
          t.push(NaN);
          v.push(NaN);
        }
        source.data = { t: Float64Array.from(t), v: Float64Array.from(v) };
        const inside = v.filter((value, place) => value === value && t[place] >= from && t[place] <= to);
        dots.visible = few && inside.length <= FEW;
        seen[plot.name]?.push(...inside);
      }
      fit(panels.movement, [0], seen.movement, 50);
      fit(panels.axes, [], seen.axes, 0.2);
      fit(panels.heart, [], seen.heart, 20);
      return drawn.length > 0 && few;
    }

    /* Let a panel show what there is, and small things not large. */
    function fit(plot, kept, values, least) {
      if (!values.length) return;
      let low = Math.min(...kept, ...values);
      let high = Math.max(...kept, ...values);
      const more = Math.max(0, least - (high - low));
      const edge = 0.05 * (high - low + more);
      low -= edge + (kept.length ? 0 : more / 2);
      high += edge + (kept.length ? more : more / 2);
      plot.y_range.setv({ start: low, end: high });
    }

    let asked = 0;
    let waiting = 0;

    function tick() {
      const { start, end } = range;
      const labels = ticks(start, end, element("picture").clientWidth - LEFT);
      ticker.ticks = [...labels.keys()];
      for (const axis of axes) axis.major_label_overrides = labels;
    }

    async function load() {
      const { start, end } = range;
      await look(start, end);
      await drawing;
      tell(start, end);
    }

    /* Say to whoever tests which part is on the screen. */
    function tell(start, end) {
      if (range.start !== start || range.end !== end) return;
      requestAnimationFrame(() => {
        document.body.dataset.drawn = `${Math.round(start)} ${Math.round(end)}`;
      });
    }

    async function look(start, end) {
      const number = (asked += 1);
      try {
        const told = await (start <= 0 && end >= LENGTH ? whole : ask(start, end));
        if (number !== asked) return;
        const every = fill(told, start, end);
        say(start, end, told.recordings.some((each) => !each.problem), every);
        if (start <= 0 && end >= LENGTH) {
          const any = told.recordings.some((each) => !each.problem);
          for (const plot of Object.values(panels)) plot.visible = any;
          element("picture").classList.toggle("without-lines", !any);
        }
        const problems = told.recordings.filter((each) => each.problem);
        element("not-drawn").replaceChildren(
          ...problems.map((each) => note(
            filled(night.words.noMovement, { name: each.name, why: night.notShown[each.problem] }),
          )),
        );
      } catch (error) {
        if (number !== asked) return;
        element("not-drawn").replaceChildren(
          note(filled(night.words.notLoaded, { why: error.message })),
        );
      }
    }

    const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

    function note(text) {
      const paragraph = document.createElement("p");
      paragraph.className = "notice";
      paragraph.textContent = text;
      return paragraph;
    }

    function say(start, end, any, every) {
      const format = end - start > 600e3 ? MINUTES : SECONDS;
      const [from, to] = [start, end].map((each) => format.format(night.start + each));
      const how = every ? night.words.everySample : night.words.leastAndMost;
      element("shown").textContent = [filled(night.words.shown, { from, to }), any && how]
        .filter(Boolean)
        .join(" ");
    }

    function show(start, end) {
      const length = Math.min(LENGTH, Math.max(LEAST, end - start));
      const from = Math.min(Math.max(0, start), LENGTH - length);
      range.setv({ start: from, end: from + length });
    }

    const moves = {
      closer: () => zoom(0.5),
      wider: () => zoom(2),
      earlier: () => go(-0.5),
      later: () => go(0.5),
      all: () => show(0, LENGTH),
    };
    const keys = {
      "+": "closer", "=": "closer", ArrowUp: "closer", "-": "wider", ArrowDown: "wider",
      ArrowLeft: "earlier", ArrowRight: "later", Home: "all", 0: "all",
    };

    function zoom(factor) {
      const middle = (range.start + range.end) / 2;
      const half = (factor * (range.end - range.start)) / 2;
      show(middle - half, middle + half);
    }

    function go(share) {
      const by = share * (range.end - range.start);
      show(range.start + by, range.end + by);
    }

    element("controls").addEventListener("click", (event) => moves[event.target.dataset.move]?.());
    element("picture").addEventListener("keydown", (event) => {
      const move = keys[event.key];
      if (!move || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      moves[move]();
    });
    for (const button of document.querySelectorAll(".look")) {
      button.addEventListener("click", () => {
        const start = button.dataset.start - night.start;
        const end = button.dataset.end - night.start;
        const around = Math.max(60e3, 0.25 * (end - start));
        show(start - around, end + around);
        element("picture").scrollIntoView({ block: "nearest" });
        element("picture").focus({ preventScroll: true });
      });
    }

    range.change.connect(() => {
      tick();
      clearTimeout(waiting);
      waiting = setTimeout(load, PATIENCE);
    });
    addEventListener("resize", tick);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => location.reload());

    const column = new Bokeh.Column({
      children: [lanes(), ...Object.values(panels)], sizing_mode: "stretch_width", spacing: 2,
    });
    tick();
    // What is there already is drawn at once: each change later is another layout.
    const looked = look(0, LENGTH);
    const patience = new Promise((resolve) => setTimeout(resolve, SOON));
    const drawing = Promise.race([looked, patience]).then(() => Plotting.show(column, "#picture"));
    Promise.all([looked, drawing]).then(() => tell(0, LENGTH));
  });
})();
