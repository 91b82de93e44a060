"use strict";
// The button that copies the link to a report. Without it the address can be marked and copied.

const link = document.getElementById("link");
const copy = document.getElementById("copy");

copy.hidden = false;
copy.addEventListener("click", async () => {
  link.select();
  // Over plain HTTP a browser has no clipboard but that of the older way.
  const copied = navigator.clipboard
    ? await navigator.clipboard.writeText(link.value).then(() => true, () => false)
    : document.execCommand("copy");
  document.getElementById("copy-says").textContent = copied ? copy.dataset.copied : copy.dataset.cannot;
});
