"""`python -m sampan.cli`."""

from sampan.cli.line import main

raise SystemExit(main())
