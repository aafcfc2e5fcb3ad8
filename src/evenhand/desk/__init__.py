"""The planner's desk: a page on this machine, on which somebody shares out tasks, looks, objects, and tries again.

``plan`` is what is on the desk, and its rules; ``dropped`` lays files on it; ``tables_on_desk`` turns it to JSON and
back; ``solving`` answers it in the background; ``server`` speaks HTTP, behind ``guard``; ``static`` holds the page, in
plain JavaScript.
"""
