"""What Pulumi runs. The program is a function, which a test can run too."""

from program import ordering

ordering()
