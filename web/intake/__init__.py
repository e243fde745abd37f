"""From a browser or an address into the library: files stored, addresses fetched, jobs done by a process of their own."""
