"""One module for each kind of resource, and one for the documents that resources come in."""
