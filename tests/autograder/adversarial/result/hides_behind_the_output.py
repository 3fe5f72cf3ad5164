"""Prints what terminals, workflow runs, XML and HTML would take for commands.

Told: create_queues raised ValueError
"""

EVIL = "\x1b]0;passed\x07\x1b[2J\r✓ 100/100\n::add-mask::x\n::error::x\n]]><script>evil</script>"


def create_queues(prefix):
    print(EVIL)
    raise ValueError(EVIL)


def handler(event, context):
    print(EVIL)
    raise ValueError(EVIL)
