"""The script that draws the picture, served from the installed package of Bokeh."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Response

__all__ = ["SCRIPTS", "router"]

BOKEH = version("bokeh")

NAMES = ("bokeh.min.js", "bokeh-api.min.js")
SCRIPTS = tuple(f"/static/bokeh/{BOKEH}/{name}" for name in NAMES)
"""Where a page finds what draws, in the order in which it is needed."""

LONG = "public, max-age=31536000, immutable"
"""Cached for a year, as long as a browser may keep anything: the address names the version."""

router = APIRouter(include_in_schema=False)


@router.get("/static/bokeh/{installed}/{name}")
def get_script(
    installed: str, name: str, accept_encoding: Annotated[str, Header()] = ""
) -> Response:
    """Serve a script, packed to a third for whoever can unpack it."""
    if installed != BOKEH or name not in NAMES:
        raise HTTPException(404)
    packed = "gzip" in accept_encoding
    headers = {"Cache-Control": LONG}
    if packed:
        # Where nothing is packed yet, `server.compressed` says it.
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(_script(name, packed), headers=headers, media_type="text/javascript")


@cache
def _script(name: str, packed: bool) -> bytes:
    # To import Bokeh would take half a second and 40 MB for what is only a file.
    package = find_spec("bokeh")
    assert package is not None
    assert package.origin is not None
    script = Path(package.origin).parent / "server" / "static" / "js" / name
    return gzip.compress(script.read_bytes(), mtime=0) if packed else script.read_bytes()
