"""The site: built without warnings, its tutorials run, read without a network; and links that lead out of it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from doc_pages import DOCS

pytest.importorskip("sphinx")
pytestmark = pytest.mark.slow
ROOT = DOCS.parent
REFUSED = ("403", "405", "418", "429")
"""Answers of publishers and forges that do not want robots; the page is there all the same."""


def sphinx(out, builder, *options):
    words = ["--quiet", "--conf-dir", DOCS, "--doctree-dir", out / "doctrees", "--builder", builder, *options]
    command = [sys.executable, "-m", "sphinx", *words, ROOT, out / builder]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    built = sphinx(out, "html", "--fail-on-warning", "--keep-going")
    assert built.returncode == 0, built.stderr
    return out / "html"


def test_tutorials_have_run_and_drawn(site):
    """Each has its pictures, of the code on its page."""
    for name, least in (("planner", 3), ("model", 2), ("team", 1)):
        page = (site / "docs" / "tutorials" / f"{name}.html").read_text(encoding="utf-8")
        assert len(re.findall(r"<svg[^>]*class=\"marks\"|_images/[0-9a-f]+\.svg", page)) >= least


def test_nothing_is_fetched_to_read_a_page(site):
    """No script, style, font or picture comes from elsewhere, so that the site is read offline."""
    fetched = re.compile(
        r"<(?:script|img|iframe)[^>]+src=\"https?:|<link[^>]+rel=\"(?:stylesheet|preload)\"[^>]+https?:"
    )
    pages = [page for page in site.rglob("*.html") if fetched.search(page.read_text(encoding="utf-8"))]
    assert pages == []
    styles = [style for style in site.rglob("*.css") if re.search(r"url\(\s*[\"']?https?:", style.read_text("utf-8"))]
    assert styles == []


def test_a_broken_link_within_the_site_fails_the_check(tmp_path):
    """What `make check` runs finds a page and an anchor that are not there."""
    (tmp_path / "index.md").write_text("# Page\n\n[nowhere](nowhere.md) [no heading](index.md#nothing)\n", "utf-8")
    settings = ["-D", "root_doc=index", "-D", "include_patterns=*.md", "-D", "nb_execution_mode=off"]
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", DOCS, "-b", "dummy", *settings]
    ran = subprocess.run([*command, tmp_path, tmp_path / "out"], capture_output=True, text=True, check=False)
    assert ran.returncode != 0
    assert "nowhere.md" in ran.stderr
    assert "nothing" in ran.stderr


def test_links_out_of_the_site_lead_somewhere(tmp_path):
    try:
        socket.create_connection(("arxiv.org", 443), timeout=10).close()
    except OSError as error:
        pytest.skip(f"no network: {error}")
    sphinx(tmp_path, "linkcheck", "--define", "nb_execution_mode=off")
    lines = Path(tmp_path / "linkcheck" / "output.json").read_text(encoding="utf-8").splitlines()
    broken = [link for link in map(json.loads, lines) if link["status"] == "broken"]
    assert [link["uri"] for link in broken if not link["info"].startswith(REFUSED)] == []
