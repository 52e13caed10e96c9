"""What all tests share."""

pytest_plugins = ["pytester", "wave_data.testing.plugin"]
