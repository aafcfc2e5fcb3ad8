"""Settings of the documentation site: ``make docs``.

The source folder is the repository itself, so that a relative link means the same on a forge and on the site.
Neither building nor reading needs a network: the theme brings its scripts and styles, and formulas become MathML.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from latex2mathml.converter import convert

import evenhand

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "evenhand"
author = copyright = "The evenhand developers"
release = version = evenhand.__version__

root_doc = "docs/index"
include_patterns = ["*.md", "docs/**.md", "reproductions/results/*.md"]
extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc", "sphinx_copybutton", "sphinx_design"]
html_extra_path = ["_extra"]  # what leads from the site's root to its first page

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4  # the anchors that forges give to headings
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_execution_in_temp = True

numpydoc_show_class_members = False  # autodoc shows them, in the order of the source
autodoc_typehints = "none"  # they stand in the signature
autodoc_member_order = "bysource"
autodoc_default_options = {"show-inheritance": True}  # what results share is on the page of evenhand.fairness

suppress_warnings = ["ref.python"]  # attributes of one name in several classes: each would be a link to one of them

html_theme = "furo"
html_title = f"evenhand {release}"
html_copy_source = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
linkcheck_timeout = 20
linkcheck_anchors = False  # forges make theirs by script


def inline_formula(translator: Any, node: nodes.math) -> None:
    """Write a formula within a line as MathML, which every current browser draws."""
    translator.body.append(convert(node.astext()))
    raise nodes.SkipNode


def displayed_formula(translator: Any, node: nodes.math_block) -> None:
    """Write a formula on lines of its own as MathML."""
    translator.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Make MathML one of the ways in which Sphinx writes formulas, and the one that is used."""
    app.add_html_math_renderer("mathml", (inline_formula, None), (displayed_formula, None))
    app.config.html_math_renderer = "mathml"
