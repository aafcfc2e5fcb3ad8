"""The planner's desk: a page on this machine, on which somebody shares out tasks, looks, objects, and tries again.

``plan`` is what is on the desk, and ``asked`` what is asked of a plan; ``dropped`` lays files on it; ``tables_on_desk``
turns it to JSON and back; ``solving`` answers it in the background, ``described`` and ``clash`` say the answer to the
page, ``command`` and ``saving`` to the user's files; ``server`` speaks HTTP, behind ``guard``; ``static`` holds the
page, in plain JavaScript.
"""
