"""Where statements run: sandboxed processes, each over one set of files, and the pool that starts and ends them."""
