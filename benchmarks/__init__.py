"""How fast the library is beside the bare drivers and beside other libraries: `python -m benchmarks`."""
