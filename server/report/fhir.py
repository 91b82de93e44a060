"""A report as a FHIR R4 bundle: plain JSON, which the tests hold against the specification.

An awakening is an Observation that stands for itself, never a Condition: preliminary until the
wearer has answered, final after 'yes', entered in error after 'no'.
"""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, time
from typing import Any, TypeAlias
from uuid import NAMESPACE_OID, uuid5
from zoneinfo import ZoneInfo

from ingest.samples import NS_PER_S
from server import association_words
from server.associations.table import Association
from server.figures import NightFigures
from server.kept_tables import Muscle, Said
from server.nights import night_bounds
from server.report.counts import count
from server.report.facts import Report, ToldAwakening

__all__ = ["report_fhir"]

Json: TypeAlias = dict[str, Any]

UCUM = "http://unitsofmeasure.org"
PAIN = {
    "system": "http://loinc.org",
    "code": "72514-3",
    "display": "Pain severity - 0-10 verbal numeric rating [Score] - Reported",
}
CRAMP = {
    "system": "http://snomed.info/sct",
    "code": "449918009",
    "display": "Cramp in lower leg",
}
"""Only where the wearer says that it was a cramp, and of the calf."""
SIMULATED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "code": "HTEST",
    "display": "test health data",
}

STATUS = {Said.YES: "final", Said.NO: "entered-in-error"}
"""Any other is preliminary."""


def report_fhir(report: Report) -> str:
    """Write a report as a collection of the wearer, crampwatch and what was observed."""
    patient, device = _address("Patient"), _address("Device", report.version)
    entries = [
        (
            patient,
            {"resourceType": "Patient", "name": [{"text": report.name}]},
        ),
        (device, _device(report)),
    ]
    zone = ZoneInfo(report.timezones[-1])
    observed = [
        (_address("Period"), _counts(report, zone)),
        *((_address("Night", each.night), _night(each, zone)) for each in report.nights),
        *(
            (_address("Awakening", each.onset_ns), _awakening(each, device))
            for each in report.awakenings
        ),
        *(
            (_address("Together", each.subject, each.about), _together(each, report, zone))
            for each in report.together.found
        ),
    ]
    entries += [(address, told | {"subject": {"reference": patient}}) for address, told in observed]
    bundle: Json = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": datetime.combine(report.made, time(12), UTC).isoformat(),
        "entry": [
            {"fullUrl": address, "resource": _labelled(told, report)} for address, told in entries
        ],
    }
    return json.dumps(_labelled(bundle, report), ensure_ascii=False, indent=1)


def _labelled(resource: Json, report: Report) -> Json:
    return resource | ({"meta": {"security": [SIMULATED]}} if report.simulated else {})


def _address(*what: object) -> str:
    # The same report gives the same addresses; they mean nothing outside of the bundle.
    return f"urn:uuid:{uuid5(NAMESPACE_OID, ' '.join(map(str, ('crampwatch', *what))))}"


def _device(report: Report) -> Json:
    versions = [("crampwatch", report.version)]
    versions += [(f"model {each.name}", each.version) for each in report.models]
    return {
        "resourceType": "Device",
        "deviceName": [{"name": "crampwatch", "type": "user-friendly-name"}],
        "version": [{"type": {"text": name}, "value": value} for name, value in versions],
        "note": [{"text": f"Worn: {each}"} for each in report.devices],
    }


def _counts(report: Report, zone: ZoneInfo) -> Json:
    whole = count(report, report.first, report.last)
    numbers = {
        "Nights": whole.nights,
        "Nights recorded": whole.recorded,
        "Valid nights": whole.valid,
        "Valid nights with a cramp, told or likely": whole.cramp_nights,
        "Cramps told by the wearer": whole.told,
        "Likely, not answered": whole.likely,
        "Possible, not answered": whole.possible,
        "Told to be none": whole.rejected,
    }
    return {
        "resourceType": "Observation",
        "status": "preliminary",
        "code": {"text": "Cramp-like awakenings of a period, counted"},
        "effectivePeriod": _bounds(report.first, report.last, zone),
        "component": [
            {"code": {"text": name}, "valueInteger": number} for name, number in numbers.items()
        ],
    }


def _night(night: NightFigures, zone: ZoneInfo) -> Json:
    spans = {
        "Recorded": night.recorded_s,
        "On a wrist": night.worn_s,
        "Searched for awakenings": night.searched_s,
    }
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "Night, how much of it was seen"},
        "effectivePeriod": _bounds(night.night, night.night, zone),
        "component": [
            {"code": {"text": name}, "valueQuantity": _quantity(round(value), "s")}
            for name, value in spans.items()
        ],
    }


def _bounds(first: date, last: date, zone: ZoneInfo) -> Json:
    start_ns, end_ns = night_bounds(first, zone)[0], night_bounds(last, zone)[1]
    start, end = (datetime.fromtimestamp(each // NS_PER_S, zone) for each in (start_ns, end_ns))
    return {"start": start.isoformat(), "end": end.isoformat()}


def _awakening(told: ToldAwakening, device: str) -> Json:
    start = told.onset.isoformat(timespec="seconds")
    resource: Json = {
        "resourceType": "Observation",
        "status": STATUS.get(told.said, "preliminary") if told.said else "preliminary",
        "code": {"text": "Cramp-like awakening at night"},
    }
    if told.standing is None:
        resource |= {"effectiveDateTime": start}
    else:
        end = told.end.isoformat(timespec="seconds")
        resource |= {
            "effectivePeriod": {"start": start, "end": end},
            "device": {"reference": device},
        }
    if told.is_told:
        value: Json = {"text": "Cramp, told by the wearer"}
        if told.answer is not None and told.answer.muscle is Muscle.CALF:
            value |= {"coding": [CRAMP]}
        resource |= {"valueCodeableConcept": value}
    return resource | {"component": _components(told)}


def _together(told: Association, report: Report, zone: ZoneInfo) -> Json:
    judged, whole = told.judgement, report.together
    sides = {"With it, or since": judged.with_it, "Without it, or before": judged.without}
    parts = [
        _part(f"{name}: {what}", valueQuantity=_quantity(number, "1"))
        for name, side in sides.items()
        for what, number in (
            ("valid nights", side.valid),
            ("expected cramp nights", round(side.cramp_nights, 2)),
        )
    ]
    if judged.ratio is not None:
        numbers = {"Rate ratio": judged.ratio.ratio, "Least": judged.ratio.least}
        if math.isfinite(judged.ratio.most):
            numbers["Most"] = judged.ratio.most
        parts += [
            _part(f"{name}, 90 % interval", valueQuantity=_quantity(round(number, 3), "1"))
            for name, number in numbers.items()
        ]
    return {
        "resourceType": "Observation",
        "status": "preliminary",
        "code": {"text": f"Rate ratio of cramp nights: {association_words.name(told)}"},
        "effectivePeriod": _bounds(whole.first, whole.last, zone),
        "valueString": association_words.finding(told),
        "component": parts,
    }


def _components(told: ToldAwakening) -> list[Json]:
    parts = [_part("Labelled by", valueString="wearer" if told.said else "detector")]
    if told.standing is not None:
        seconds = (told.end_ns - told.onset_ns) / NS_PER_S
        parts += [
            _part("Standing", valueString=told.standing.value),
            _part("Duration", valueQuantity=_quantity(seconds, "s")),
        ]
    if told.probability is not None:
        chance = round(told.probability, 3)
        parts.append(_part("Probability of a cramp", valueQuantity=_quantity(chance, "1")))
    if told.heart_rate_rise_bpm is not None:
        rise = round(told.heart_rate_rise_bpm, 1)
        parts.append(_part("Heart rate rise", valueQuantity=_quantity(rise, "/min")))
    if told.model is not None:
        parts.append(_part("Model", valueString=f"{told.model.name} {told.model.version}"))
    answer = told.answer
    if answer is None:
        return parts
    if answer.pain is not None:
        code = {"coding": [PAIN], "text": "Pain, 0 to 10"}
        parts.append({"code": code, "valueInteger": answer.pain})
    if answer.hurt_min is not None:
        parts.append(_part("Hurt for", valueQuantity=_quantity(answer.hurt_min, "min")))
    words = {"Answer": answer.said, "Leg": answer.leg, "Muscle": answer.muscle}
    parts += [_part(name, valueString=word.value) for name, word in words.items() if word]
    if answer.helped:
        parts.append(_part("Helped", valueString=answer.helped))
    return parts


def _part(name: str, **value: Any) -> Json:
    return {"code": {"text": name}, **value}


def _quantity(value: float, unit: str) -> Json:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}
