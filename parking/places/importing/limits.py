"""Numbers that bound what an import takes; printed in the operators' guide."""

FILE_BYTES_MAX = 32 * 1024 * 1024
"""Bytes of one source file."""
PLACES_MAX = 5_000
"""Places of one file."""
SPACES_MAX = 50_000
"""Spaces of one file, counting those numbered from a total."""
RECORDS_MAX = SPACES_MAX + PLACES_MAX + 5_000
"""Records of one file of any sort: spaces, places, groups."""
PROBLEMS_MAX = 1_000
"""Problems listed; the last one then says that there are more."""
COLUMNS_MAX = 200
"""Columns of a CSV header."""
CELL_CHARACTERS_MAX = 4_096
"""Characters of one CSV cell."""
XML_TEXT_CHARACTERS_MAX = 64 * 1024
"""Characters of one text in XML; polygons are lists of numbers."""
VERTICES_MAX = 2_000
"""Positions of one polygon."""
XML_DEPTH_MAX = 64
"""Nesting of XML elements."""
XML_RECORD_ELEMENTS_MAX = 400_000
"""XML elements of one parking record."""

LABEL_CHARACTERS_MAX = 32
"""Characters of a level, area or row label; the three joined name a subplace (100 in the table)."""
SENSOR_ID_CHARACTERS_MAX = 64
