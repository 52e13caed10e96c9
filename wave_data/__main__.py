"""The command line, as `python -m wave_data`."""

from wave_data.cli import main

main()
