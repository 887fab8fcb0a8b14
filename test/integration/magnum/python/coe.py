"""
The real `openstack` client, many commands in one process: a start takes two seconds of a processor, the command itself hardly any. Reads
lines of JSON, `["coe", "cluster", "list"]`, and answers each with a line: its exit code and what it wrote.
"""
import contextlib
import io
import json
import logging
import sys

from openstackclient import shell

answers = sys.stdout

for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        # What the command before logged to is closed.
        logging.getLogger().handlers.clear()
        try:
            code = shell.main(json.loads(line))
        except SystemExit as end:
            code = end.code
    answers.write(json.dumps({'code': code or 0, 'stdout': out.getvalue(), 'stderr': err.getvalue()}) + '\n')
    answers.flush()
