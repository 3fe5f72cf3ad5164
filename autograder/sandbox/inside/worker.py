"""A Lambda execution environment: one process, one submission, one invocation after the other.

The process is believed in nothing. Its replies say what happened inside, for the learner to read;
the grader's verdict comes from the state of the cloud.
"""

import builtins
import datetime
import importlib.machinery
import importlib.util
import json
import linecache
import os
import random
import signal
import sys
import threading
import time
import types

from . import confine

_WIRE = 3
_LONGEST_MESSAGE = 2000
_MOST_FRAMES = 20
# Held here, for a learner may replace json.dumps.
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


class Wire:
    """JSON lines over the private socket. Only the request in hand may be spoken of."""

    def __init__(self, descriptor):
        self._descriptor = descriptor
        self._received = b""
        self._turn = threading.Condition()  # re-entrant: a signal handler may sleep, too
        self._request = None
        self._sleeps = 0

    def receive(self):
        """The next message; the process ends if the grader has gone."""
        while b"\n" not in self._received:
            data = os.read(self._descriptor, 1 << 16)
            if not data:
                os._exit(0)
            self._received += data
        line, self._received = self._received.split(b"\n", 1)
        return json.loads(line)

    def send(self, text):
        data = memoryview(text.encode() + b"\n")
        while data:
            data = data[os.write(self._descriptor, data) :]

    def requests(self):
        """Requests, one at a time; leaving one takes `reply`."""
        while True:
            message = self.receive()
            if "invoke" in message:
                with self._turn:
                    self._request = message["id"]
                    self._turn.notify_all()
                yield message

    def reply(self, text):
        """Answer the request in hand with the members of a JSON object, and close it."""
        with self._turn:
            self.note(text)
            self._request = None

    def note(self, text):
        """Say something of the request in hand."""
        with self._turn:
            self.send(f'{{"id": {_encode(self._request)}, {text}}}')

    def sleep(self, seconds):
        """Ask for so many seconds to pass; returns what the clock then shows, or None.

        Between two invocations nothing passes: a thread that goes on waits for the next one.
        """
        with self._turn:
            while self._request is None:
                self._turn.wait()
            self._sleeps += 1
            number = self._sleeps
            self.note(f'"sleep": {_encode(seconds)}, "number": {number}')
            while True:
                answer = self.receive()
                if answer.get("slept") == number:
                    return answer["now"]


class Context:
    """What Lambda passes as `context`.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    def __init__(self, request):
        name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", request["name"])
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION", "us-east-1")
        account = os.environ.get("AWS_ACCESS_KEY_ID", "")
        account = account if len(account) == 12 and account.isdigit() else "000000000000"
        self.function_name = name
        self.function_version = "$LATEST"
        self.invoked_function_arn = f"arn:aws:lambda:{region}:{account}:function:{name}"
        self.memory_limit_in_mb = "128"
        self.aws_request_id = request["request_id"]
        self.log_group_name = f"/aws/lambda/{name}"
        self.log_stream_name = f"[$LATEST]{request['environment']}"
        self.identity = None
        self.client_context = None
        self._deadline = time.monotonic() + request["max_sleep"]

    def get_remaining_time_in_millis(self):
        """Until the invocation has slept as long as it may."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


class Worker:
    """Loads the submission at the first invocation and runs functions of it."""

    def __init__(self, wire, clock, job, seed):
        self._wire = wire
        self._clock = clock
        self._name = job["module"]
        self._file = job["module"] + ".py"
        self._source = job["source"]
        self._code = job["code"]  # None: not compiled yet
        self._largest_reply = job["limits"]["reply_bytes"]
        self._lines = _lines(self._source)
        self._hash = _salted(seed)
        self._module = None

    def serve(self):
        """Answer requests until the process is killed."""
        for request in self._wire.requests():
            text = self._answer(request)
            for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
                try:
                    stream.flush()  # type: ignore[union-attr]
                except BaseException:  # whatever the learner has made of it
                    continue
            self._wire.reply(text)

    def _answer(self, request):
        try:
            if request["cpu"] is not None:
                confine.allow_processor_time(request["cpu"])
            if request["now"] is not None:
                self._clock.show(request["now"])
            try:
                if self._module is None:
                    self._module = self._load()
            except Exception as error:
                return self._failure("not loaded", error)
            self._wire.note('"loaded": true')
            function = getattr(self._module, request["invoke"], None)
            if not callable(function):
                return '"kind": "not found"'
            arguments = list(request["args"])
            if request["context"] is not None:
                arguments.append(Context(request["context"]))
            return self._returned(function(*arguments, **request["kwargs"]))
        except SystemExit as leaving:
            _leave(leaving.code)
        except BaseException as error:
            return self._failure("raised", error)

    def _load(self):
        """Execute the submission from memory: nothing of its folder can have an effect."""
        for name in (self._file, os.path.abspath(self._file)):  # as Python, and as pdb calls it
            linecache.cache[name] = (len(self._source), None, self._lines, self._file)
        module = types.ModuleType(self._name)
        module.__file__ = self._file
        vars(module)["hash"] = self._hash
        module.__spec__ = importlib.machinery.ModuleSpec(self._name, None, origin=self._file)
        sys.modules[self._name] = module
        try:
            code = self._code or compile(self._source, self._file, "exec", dont_inherit=True)
            exec(code, module.__dict__)
        except BaseException:
            sys.modules.pop(self._name, None)
            raise
        return module

    def _returned(self, value):
        try:
            text = _encode(value)
            size = len(text.encode())
        except Exception as error:  # in Lambda's words
            message = f"Unable to marshal response: {error}"
            return _error("raised", "Runtime.MarshalError", message, [])
        if size > self._largest_reply:
            message = f"The response is {size} bytes; the most is {self._largest_reply}."
            return _error("raised", "Function.ResponseSizeTooLarge", message, [])
        return f'"kind": "returned", "value": {text}'

    def _failure(self, kind, error):
        if isinstance(error, MemoryError):
            confine.spare_memory()
        name = type(error).__name__
        if isinstance(error, SyntaxError) and error.filename == self._file:
            line = error.lineno if isinstance(error.lineno, int) else 0  # anybody may raise one
            frames = [self._frame(line, "")]
            return _error(kind, name, error.msg, frames)
        try:
            message = str(error)
        except BaseException as broken:
            message = f"(its message could not be had: {type(broken).__name__})"
        return _error(kind, name, message, self._frames(error.__traceback__))

    def _frames(self, traceback):
        frames = []
        while traceback is not None:
            code = traceback.tb_frame.f_code
            if code.co_filename == self._file:
                frames.append(self._frame(traceback.tb_lineno, code.co_name))
            traceback = traceback.tb_next
        return frames[-_MOST_FRAMES:]

    def _frame(self, line, function):
        source = self._lines[line - 1].strip() if 0 < line <= len(self._lines) else ""
        return [line, function, source[:200]]


def _error(kind, name, message, frames):
    message = str(message)[:_LONGEST_MESSAGE].encode("utf-8", "replace").decode()
    error = {"type": name, "message": message, "frames": frames}
    return f'"kind": "{kind}", "error": {_encode(error)}'


def _lines(source):
    try:
        return importlib.util.decode_source(source).splitlines(keepends=True)
    except (SyntaxError, UnicodeDecodeError):
        return source.decode("utf-8", "replace").splitlines(keepends=True)


def _random_bytes(seed):
    """The operating system's random bytes, of which `uuid4` and `secrets` make theirs.

    The same code gets the same ones whenever it is graded, so its history can be replayed.
    """
    dice = random.Random(f"{seed}, the operating system's")

    def urandom(size, /):
        return dice.randbytes(size)

    return urandom


def _salted(seed):
    """Python's `hash`, which gives other numbers for texts, bytes and times in each process.

    Forks share the salt of the process they come from; execution environments do not.
    https://docs.python.org/3/reference/datamodel.html#object.__hash__
    """

    def hash(object, /):
        number = builtins.hash(object)
        return builtins.hash((seed, number)) if _depends_on_the_salt(object) else number

    return hash


def _depends_on_the_salt(value):
    if isinstance(value, (tuple, frozenset)):
        return any(_depends_on_the_salt(part) for part in value)
    return isinstance(value, (str, bytes, datetime.date, datetime.time))


def _leave(code):
    """End the process as the interpreter ends at a SystemExit, without waiting for threads."""
    if code is not None and not isinstance(code, int):
        print(code, file=sys.stderr)
        code = 1
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit((code or 0) & 0xFF)


def live(wire_descriptor, output_descriptor, zygote, clock, ahead, job):
    """Turn this fresh fork into an execution environment; returns only by the process's end."""
    confine.die_with_parent(signal.SIGKILL)
    if os.getppid() != zygote:
        os._exit(0)
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if os.isatty(output_descriptor):  # somebody sits there, to answer the debugger
        os.dup2(output_descriptor, 0)
    os.dup2(output_descriptor, 1)
    os.dup2(output_descriptor, 2)
    os.dup2(wire_descriptor, _WIRE)
    os.closerange(_WIRE + 1, job["limits"]["open_files"])
    wire = Wire(_WIRE)
    birth = wire.receive()
    os.environ.clear()
    os.environ.update(birth["environ"])
    os.chdir(birth["scratch"])
    time.tzset()
    ahead.adopt()
    random.seed(birth["seed"])
    os.urandom = vars(random)["_urandom"] = _random_bytes(birth["seed"])
    clock.show(birth["now"])
    clock.wait = lambda seconds: clock.pass_by(seconds, wire.sleep(seconds))
    report = confine.confine(
        job["limits"], job["readable"], job["listable"], birth["scratch"], job["port"]
    )
    wire.send(_encode({"containment": report}))
    Worker(wire, clock, job, birth["seed"]).serve()
