"""``python -m bpsym``."""

from bpsym.cli.main import main

if __name__ == "__main__":
    main()
