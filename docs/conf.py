"""How Sphinx sets the site: `build.py`, which `make docs` runs, writes its sources and calls it."""

import symlab

project = "symlab"
author = "symlab developers"
copyright = author
version = release = symlab.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx_gallery.gen_gallery",
    "numpydoc",
    "myst_parser",
    "sphinx_design",
    "extension",
]
default_role = "py:obj"
smartquotes = False  # f'' is a derivative
html_math_renderer = "mathml"  # set when the page is written: needs no script and no net

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_typehints = "none"  # numpydoc's parameters have them, in words
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

sphinx_gallery_conf = {
    "examples_dirs": ["../lessons"],  # copies, so that what lessons draw falls into the build
    "gallery_dirs": ["lessons"],
    "filename_pattern": r"/\d\d_",
    "within_subsection_order": "FileNameSortKey",
    "image_scrapers": ("extension.lessons.show_formula", "matplotlib"),
    "capture_repr": ("_repr_html_",),
    "doc_module": ("symlab",),
    "reference_url": {"symlab": None},
    "backreferences_dir": "api/lessons",
    "min_reported_time": 10**6,  # how long a machine took is no part of a lesson
    "write_computation_times": False,
    "show_signature": False,
}

suppress_warnings = [
    "myst.header",  # a document may go from its title to a third level; Sphinx closes the gap
    "ref.python",  # a word in backticks may be the name of two attributes: then it is no link
]

html_theme = "pydata_sphinx_theme"
html_title = "symlab"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
templates_path = ["templates"]
html_context = {"default_mode": "auto"}
html_show_search_summary = False  # it would be fetched, which a browser refuses to a file
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_end": ["version", "theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
    "collapse_navigation": True,
    "navigation_depth": 2,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "header_links_before_dropdown": 8,
}
