"""The portal's pages. Each is about whoever is signed in; those of an invitation are about nobody yet."""
