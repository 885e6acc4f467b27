"""Opens the browser chat, over the sample articles or the folders named after it: ``python app.py [FOLDER ...]``.

It is ``fundstelle chat``, from a checkout.
"""

import sys

from rag.__main__ import main

if __name__ == "__main__":
    main(["chat", *sys.argv[1:]])
