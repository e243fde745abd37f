"""Speed and quality, measured against peers; README.md says how."""
