"""Problems from practice whose burden must be shared fairly, each built on `evenhand.modeling`."""
