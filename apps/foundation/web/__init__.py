"""Pages: what every HTML view shares, without knowing what a page is about.

Doors: `guards` (guard, public), `pages` (render_page, render_list), `charts` (SVG trend charts),
the template library `{% load web %}` and the templates of `templates/components/`.
"""
