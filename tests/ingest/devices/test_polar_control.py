from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from ingest.devices.polar_pmd.control import (
    Operation,
    Response,
    Settings,
    Status,
    StreamsStopped,
    decode_command,
    decode_features,
    decode_indication,
    decode_response,
    decode_settings,
    query_settings,
    start,
    stop,
)
from ingest.devices.polar_pmd.frame import MeasurementType
from ingest.errors import DecodeError

ACC, PPI = MeasurementType.ACC, MeasurementType.PPI


def test_commands_are_the_bytes_of_the_specification() -> None:
    assert query_settings(ACC) == bytes.fromhex("0102")
    assert start(PPI) == bytes.fromhex("0203")
    assert stop(ACC) == bytes.fromhex("0302")
    # As a real Verity Sense was sent it.
    assert start(ACC, sample_rate=52, resolution=16, range_g=8, channels=3) == bytes.fromhex(
        "0202000134000101100002010800040103"
    )


def test_a_command_decodes_to_what_was_asked() -> None:
    command = decode_command(start(ACC, sample_rate=200, range_g=4))
    assert (command.op, command.type) == (Operation.REQUEST_MEASUREMENT_START, ACC)
    assert (command.sample_rate, command.resolution, command.range_g) == (200, None, 4)
    assert command.response_ok == bytes.fromhex("f002020000")


def test_a_response_carries_its_settings() -> None:
    response = decode_indication(bytes.fromhex("f0010200010001340001011000"))
    assert response == Response(
        Operation.GET_MEASUREMENT_SETTINGS,
        ACC,
        Status.SUCCESS,
        True,
        bytes.fromhex("0001340001011000"),
    )
    assert decode_settings(response.params) == Settings(sample_rate=(52,), resolution=(16,))


def test_the_factor_of_a_start_is_read() -> None:
    params = bytes([5, 1]) + struct.pack("<f", 0.000244)
    assert decode_settings(params).factor == pytest.approx(0.000244, rel=1e-6)
    whole = bytes.fromhex("f002020000") + params
    assert decode_settings(whole) == decode_settings(params)


def test_an_answer_from_newer_firmware_keeps_its_numbers() -> None:
    response = decode_response(bytes.fromhex("f0634163"))
    assert (response.op, response.type, response.status) == (0x63, 0x41, 0x63)
    assert response.status_name == "UNKNOWN"


def test_a_device_says_that_it_stopped() -> None:
    assert decode_indication(bytes.fromhex("0102")) == StreamsStopped((ACC,))
    assert decode_indication(bytes.fromhex("010203")) == StreamsStopped((ACC, PPI))


def test_features_not_known_are_left_out() -> None:
    assert decode_features(bytes.fromhex("0f1481")).types == (ACC,)


@pytest.mark.parametrize(
    ("decode", "data", "says"),
    [
        (decode_command, "04", "ends after 1 of 2 bytes"),
        (decode_command, "0904", "unknown operation or measurement"),
        (decode_command, "010203", "has more than 2 bytes"),
        (decode_command, "0202000234003400", "choose one value of each setting"),
        (decode_command, "020205010000803f", "choose one value of each setting"),
        (decode_response, "f00102", "ends after 3 of 4 bytes"),
        (decode_indication, "0f010200", "begins with 0f, not f0"),
        (decode_indication, "01", "ends after 1 of 2 bytes"),
        (decode_settings, "0001", "ends after 2 of 4 bytes"),
        (decode_settings, "00", "ends after 1 of 2 bytes"),
        (decode_settings, "060100", "hold the unknown setting 6"),
        (decode_settings, "05010000c07f", "factor that is not a number above 0"),
        (decode_settings, "050100000000", "factor that is not a number above 0"),
        (decode_settings, "0500", "factor that is not a number above 0"),
        (decode_settings, "f00202", "ends after 3 of 5 bytes"),
        (decode_features, "0f", "ends after 1 of 3 bytes"),
        (decode_features, "f00000", "begin with f0, not 0f"),
    ],
)
def test_a_damaged_message_says_how(
    decode: Callable[[bytes], object], data: str, says: str
) -> None:
    with pytest.raises(DecodeError, match=says):
        decode(bytes.fromhex(data))
