"""A module runs as Lambda would run it, and its outcome is told in words."""

from __future__ import annotations

import os
import time

import pytest

from autograder.sandbox import Frame, Sandbox, SandboxError

SUBMISSION = """
import json
import os
import random
import sys
import time

import boto3

print("importing")
count = 0


class Strange(Exception):
    def __str__(self):
        raise RuntimeError("no message")


def handler(event, context):
    global count
    count += 1
    print("order", event["order"])
    return {"count": count, "order": event["order"]}


def describe_context(event, context):
    before = context.get_remaining_time_in_millis()
    time.sleep(10)
    names = ("function_name", "invoked_function_arn", "aws_request_id", "memory_limit_in_mb")
    return [before, context.get_remaining_time_in_millis(), *(getattr(context, n) for n in names)]


def add(a, b=0):
    return a + b


def unwritten():
    raise NotImplementedError


def bake(order):
    return int(order)


def cook(order):
    return bake(order)


def parse_in_a_library(text):
    return json.loads(text)


def deep():
    return deep()


def strange():
    raise Strange


def surrogate():
    raise ValueError(chr(0xD800))


def returns(kind):
    cyclic = []
    cyclic.append(cyclic)
    return {
        "set": {1, 2}, "object": object(), "nan": float("nan"), "cyclic": cyclic,
        "surrogate": chr(0xD800), "huge": "x" * 7_000_000, "tuple": (1, None, {"a": True}),
    }[kind]


def leave(how, code):
    print("leaving")
    {"sys": sys.exit, "os": os._exit, "builtin": exit}[how](code)


def die(number):
    os.kill(os.getpid(), number)


def ask():
    return input("name? ")


def speak():
    os.write(1, b"raw\\n")
    print("out")
    print("err", file=sys.stderr)
    import ctypes
    ctypes.CDLL(None).puts(b"from C")
    ctypes.CDLL(None).fflush(None)


def look_around():
    return {"environ": dict(os.environ), "cwd": os.getcwd(), "files": os.listdir()}


def dice():
    return random.random()


def order_of_a_set():
    return list({"margherita", "funghi", "salami", "tonno"})


number = 7
"""


@pytest.fixture(scope="module")
def sandbox(sandbox_of):
    return sandbox_of(SUBMISSION)


@pytest.fixture
def environment(sandbox):
    environment = sandbox.environment()
    yield environment
    environment.kill()


def test_state_lives_in_a_warm_environment_and_is_gone_in_a_cold_one(sandbox, environment):
    values = [environment.invoke("handler", {"order": i}, context=True).value for i in (17, 18)]
    assert values == [{"count": 1, "order": 17}, {"count": 2, "order": 18}]
    cold = sandbox.environment()
    assert cold.pid != environment.pid
    assert cold.invoke("handler", {"order": 19}, context=True).value["count"] == 1
    assert environment.invoke("handler", {"order": 20}, context=True).value["count"] == 3


def test_the_module_is_imported_during_the_first_invocation(environment):
    first = environment.invoke("handler", {"order": 17}, context=True)
    second = environment.invoke("handler", {"order": 18}, context=True)
    assert first.output == "importing\norder 17\n"
    assert second.output == "order 18\n"
    assert (first.kind, first.file, first.function) == ("returned", "kitchen.py", "handler")


def test_plain_functions_take_arguments_by_position_and_name(environment):
    assert environment.invoke("add", 1, kwargs={"b": 2}).value == 3


def test_the_context_is_lambdas(environment):
    outcome = environment.invoke("describe_context", {}, context=True, max_sleep=900)
    before, after, name, arn, request_id, memory = outcome.value
    assert 899_000 < before <= 900_000
    assert 889_000 < after <= 890_000
    assert name == "kitchen"
    assert arn == "arn:aws:lambda:us-east-1:000000000000:function:kitchen"
    assert memory == "128"
    again = environment.invoke("describe_context", {}, context=True).value
    assert again[4] != request_id


def test_an_exception_comes_with_the_learners_own_lines(environment):
    outcome = environment.invoke("cook", "two")
    assert outcome.kind == "raised"
    assert outcome.error.type == "ValueError"
    lines = SUBMISSION.splitlines()
    bake, cook = lines.index("    return int(order)") + 1, lines.index("    return bake(order)") + 1
    assert outcome.error.frames == (
        Frame(cook, "cook", "return bake(order)"),
        Frame(bake, "bake", "return int(order)"),
    )
    assert outcome.message == (
        "cook raised ValueError: invalid literal for int() with base 10: 'two' "
        f"(kitchen.py, line {bake}, in bake: return int(order))"
    )
    assert environment.invoke("add", 1).kind == "returned"


def test_frames_of_libraries_are_left_out(environment):
    error = environment.invoke("parse_in_a_library", "{").error
    assert [frame.function for frame in error.frames] == ["parse_in_a_library"]


def test_an_unwritten_function_says_so(environment):
    outcome = environment.invoke("unwritten")
    assert outcome.error.type == "NotImplementedError"
    assert outcome.message.startswith("unwritten is not written yet: NotImplementedError (kitchen")


def test_an_endless_recursion_raises(environment):
    outcome = environment.invoke("deep")
    assert outcome.error.type == "RecursionError"
    assert len(outcome.error.frames) <= 20


@pytest.mark.parametrize("function", ["strange", "surrogate"])
def test_an_exception_without_a_usable_message_is_still_told(environment, function):
    outcome = environment.invoke(function)
    assert outcome.kind == "raised"
    outcome.message.encode()


@pytest.mark.parametrize("function", ["cooked", "number"])
def test_what_is_no_function_is_not_found(environment, function):
    outcome = environment.invoke(function)
    assert outcome.kind == "not found"
    assert outcome.message == f"kitchen.py has no function named {function}."
    assert environment.alive


def test_wrong_arguments_raise_a_type_error(environment):
    assert environment.invoke("unwritten", 1, 2).error.type == "TypeError"


@pytest.mark.parametrize("kind", ["set", "object", "nan", "cyclic", "surrogate"])
def test_only_json_leaves_the_process(environment, kind):
    outcome = environment.invoke("returns", kind)
    assert (outcome.kind, outcome.error.type) == ("raised", "Runtime.MarshalError")
    assert environment.alive


def test_a_tuple_arrives_as_a_list(environment):
    assert environment.invoke("returns", "tuple").value == [1, None, {"a": True}]


def test_a_response_larger_than_lambdas_is_refused(environment):
    outcome = environment.invoke("returns", "huge")
    assert outcome.error.type == "Function.ResponseSizeTooLarge"


@pytest.mark.parametrize(
    ("how", "code", "seen"),
    [("sys", 3, 3), ("sys", None, 0), ("sys", "bye", 1), ("os", 0, 0), ("builtin", 4, 4)],
)
def test_ending_the_process_is_an_outcome_of_its_own(environment, how, code, seen):
    outcome = environment.invoke("leave", how, code)
    assert (outcome.kind, outcome.exit_code, outcome.importing) == ("exited", seen, False)
    assert "leaving" in outcome.output
    assert not environment.alive


def test_a_signal_is_named(environment):
    outcome = environment.invoke("die", 11)
    assert (outcome.kind, outcome.signal, outcome.by_grader) == ("killed", "SIGSEGV", False)
    assert "SIGSEGV" in outcome.message


def test_there_is_no_one_to_answer_a_question(environment):
    assert environment.invoke("ask").error.type == "EOFError"


def test_everything_printed_is_kept_whichever_way(environment):
    environment.invoke("add", 1)
    output = environment.invoke("speak").output
    assert sorted(output.split()) == ["C", "err", "from", "out", "raw"]


def test_only_what_is_passed_is_in_the_environment(sandbox, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "42")
    seen = sandbox.environment({"TABLE": "orders"}).invoke("look_around").value
    assert seen["environ"]["TABLE"] == "orders"
    assert seen["environ"]["AWS_EC2_METADATA_DISABLED"] == "true"
    assert "SECRET_OF_THE_GRADER" not in seen["environ"]
    assert seen["environ"]["HOME"] == seen["environ"]["TMPDIR"] == seen["cwd"]
    assert seen["files"] == []


def test_chance_is_the_same_in_every_run_but_not_in_every_environment(sandbox_of):
    def rolls():
        sandbox = sandbox_of(SUBMISSION, services=[])
        environments = [sandbox.environment() for _ in range(2)]
        order = environments[0].invoke("order_of_a_set").value
        return [environment.invoke("dice").value for environment in environments], order

    (dice, order), (same_dice, same_order) = rolls(), rolls()
    assert dice == same_dice
    assert order == same_order
    assert dice[0] != dice[1]


def test_a_syntax_error_names_line_and_text(sandbox_of):
    sandbox = sandbox_of("x = 1\ndef handler(event, context:\n    pass\n", services=[])
    environment = sandbox.environment()
    outcome = environment.invoke("handler", {}, context=True)
    assert (outcome.kind, outcome.error.type) == ("not loaded", "SyntaxError")
    assert outcome.error.frames == (Frame(2, "", "def handler(event, context:"),)
    assert outcome.message.startswith("kitchen.py could not be imported: SyntaxError: ")
    assert "(kitchen.py, line 2: def handler(event, context:)" in outcome.message
    assert not environment.alive


def test_a_file_that_is_no_text_is_not_loaded(sandbox_of):
    outcome = sandbox_of(b"x = '\xe9\0'", services=[]).environment().invoke("handler")
    assert (outcome.kind, outcome.importing) == ("not loaded", True)
    outcome.message.encode()


@pytest.fixture(scope="module")
def fragile(sandbox_of):
    """A submission that does, while it is imported, what the variable AT_IMPORT says."""
    return sandbox_of("import os\nexec(os.environ['AT_IMPORT'])\n", services=[])


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("import no_such_module", "ModuleNotFoundError"),
        ("from kitchen import cook", "ImportError"),  # itself, half-way through
        ("1 / 0", "ZeroDivisionError"),
        ("def f(: pass", "SyntaxError"),
    ],
)
def test_what_import_raises_is_reported(fragile, statement, error):
    outcome = fragile.environment({"AT_IMPORT": statement}).invoke("handler")
    assert (outcome.kind, outcome.error.type) == ("not loaded", error)
    assert outcome.importing


@pytest.mark.parametrize("statement", ["import os; os._exit(0)", "raise SystemExit(0)"])
def test_leaving_while_being_imported_is_no_success(fragile, statement):
    environment = fragile.environment({"AT_IMPORT": statement})
    outcome = environment.invoke("handler")
    assert (outcome.kind, outcome.exit_code, outcome.importing) == ("exited", 0, True)
    assert "while kitchen.py was being imported" in outcome.message
    assert not environment.alive


def test_an_endless_loop_while_being_imported_is_cut_short(fragile):
    outcome = fragile.environment({"AT_IMPORT": "while True: pass"}).invoke("handler", timeout=0.2)
    assert (outcome.kind, outcome.importing) == ("timed out", True)


def test_a_submission_named_like_a_library_shadows_nothing(sandbox_of):
    sandbox = sandbox_of("import boto3\ndef handler(): return boto3.__name__", name="json")
    assert sandbox.environment().invoke("handler").value == "boto3"


def test_neighbours_of_the_file_have_no_effect(tmp_path, endpoint):
    for name in ("json.py", "sitecustomize.py", "conftest.py", "boto3.py"):
        (tmp_path / name).write_text("raise SystemExit('shadowed')")
    file = tmp_path / "kitchen.py"
    file.write_text("import json, boto3\ndef handler(): return json.dumps(1)")
    with Sandbox(file, module_name="kitchen", endpoint_port=endpoint.port, services=[]) as sandbox:
        assert sandbox.environment().invoke("handler").value == "1"


def test_a_link_in_place_of_the_file_is_refused(tmp_path, endpoint):
    (tmp_path / "secret.py").write_text("x = 1")
    (tmp_path / "kitchen.py").symlink_to(tmp_path / "secret.py")
    with pytest.raises(SandboxError, match="symbolic link"):
        Sandbox(tmp_path / "kitchen.py", module_name="kitchen", endpoint_port=endpoint.port)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_refused(tmp_path, endpoint, make):
    make(tmp_path / "kitchen.py")
    with pytest.raises(SandboxError, match=r"is not a file|cannot be read"):
        Sandbox(tmp_path / "kitchen.py", module_name="kitchen", endpoint_port=endpoint.port)


def test_a_missing_file_is_one_clear_sentence(tmp_path, endpoint):
    with pytest.raises(SandboxError, match="cannot be read: No such file or directory"):
        Sandbox(tmp_path / "kitchen.py", module_name="kitchen", endpoint_port=endpoint.port)


def test_a_dead_environment_cannot_be_invoked(environment):
    environment.kill()
    with pytest.raises(SandboxError, match="make a new one"):
        environment.invoke("add", 1)


def test_clients_reach_the_endpoint_and_cost_no_second_import(sandbox_of, endpoint):
    sandbox = sandbox_of("""
        import boto3
        sqs = boto3.client("sqs")
        def handler(event, context):
            return sqs.list_queues()["ResponseMetadata"]["HTTPStatusCode"]
    """)
    started = time.monotonic()
    environment = sandbox.environment(endpoint.environ)
    assert environment.invoke("handler", {}, context=True).value == 200
    assert time.monotonic() - started < 1  # importing boto3 and its models anew takes longer


# --- what differs from one execution environment to the next ---

NUMBERS = """
import datetime
import os
import random
import secrets
import uuid


def numbers():
    salted = ["margherita", ("margherita", 2), b"margherita", datetime.date(2026, 3, 6)]
    same = [17, 17.5, (1, 2), frozenset({1, 2})]
    dice = [random.random(), uuid.uuid4().hex, secrets.token_hex(4), os.urandom(4).hex()]
    return [[hash(one) for one in salted], [hash(one) for one in same], dice]
"""


def test_the_hash_of_a_text_is_another_in_each_environment_and_that_of_a_number_is_not(sandbox_of):
    sandbox = sandbox_of(NUMBERS)
    here, there = sandbox.environment(), sandbox.environment()

    first, again, elsewhere = (e.invoke("numbers").value for e in (here, here, there))

    assert first[:2] == again[:2]
    assert not set(first[0]) & set(elsewhere[0])
    assert first[1] == elsewhere[1] == [hash(one) for one in (17, 17.5, (1, 2), frozenset({1, 2}))]


def test_environments_of_the_same_seed_throw_the_same_dice(sandbox_of):
    sandbox = sandbox_of(NUMBERS)
    first, same, other = (
        sandbox.environment(seed=seed).invoke("numbers").value for seed in (1, 1, 2)
    )

    assert first == same
    assert not set(first[2]) & set(other[2])
