"""`connect` and `open_page` reach what the environment names, or say what to do."""

from __future__ import annotations

import os
import signal
import stat
import tempfile
from datetime import timedelta
from functools import partial
from pathlib import Path

import boto3
import localstack_client.session
import psutil
import pytest

import localcloud
from localcloud import connecting, process


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    """No setting of the shell, no shared engine; what a test changes is undone."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("COURSE_ENGINE", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return monkeypatch


def test_without_settings_it_starts_a_private_embedded_engine():
    with localcloud.connect() as cloud:
        assert cloud.engine == "embedded"
        assert psutil.Process(cloud.pid).ppid() == os.getpid()
    assert not psutil.pid_exists(cloud.pid)


@pytest.mark.parametrize("name", ["localstak", "", "AWS"])
def test_an_unknown_engine_is_refused_with_the_names_that_exist(environment, name):
    environment.setenv("COURSE_ENGINE", name)

    with pytest.raises(localcloud.EngineError, match="embedded, localstack, aws"):
        localcloud.connect()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "127.0.0.1:9", "http://[", "nonsense"])
def test_localstack_that_does_not_answer_is_said_not_to(environment, url):
    environment.setenv("COURSE_ENGINE", "localstack")
    environment.setenv("AWS_ENDPOINT_URL", url)
    environment.setattr(
        connecting, "wait_for_health", partial(process.wait_for_health, seconds=0.1)
    )

    with pytest.raises(localcloud.EngineError) as error:
        localcloud.connect()

    assert url in str(error.value)
    assert "docker compose up" in str(error.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://127.0.0.1:nine", "nonsense"])
def test_an_address_where_no_engine_was_started_is_said_to_be_one(environment, url):
    environment.setenv("AWS_ENDPOINT_URL", url)

    with pytest.raises(localcloud.EngineError) as error:
        localcloud.connect()

    assert url in str(error.value)
    assert "pizza up" in str(error.value)


@pytest.fixture(scope="module")
def localstack(cloud):
    """Something that answers as LocalStack does (an embedded engine can), reached as LocalStack is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_ENGINE", "localstack")
        patch.setenv("AWS_ENDPOINT_URL", cloud.endpoint_url)
        connected = localcloud.connect()
    with connected:
        yield connected


def test_localstack_is_reached_through_a_layer_that_logs_and_breaks_calls(localstack):
    account = localstack.account()
    sqs = account.client("sqs", caller="orders")
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
    account.caller("orders").plan(localcloud.lose_reply(operation="SendMessage"))

    sqs.send_message(QueueUrl=queue, MessageBody='{"order_id": 17}')

    assert localstack.engine == "localstack"
    assert [(call.caller, call.operation, call.outcome) for call in account.calls] == [
        ("orders", "CreateQueue", "ok"),
        ("orders", "SendMessage", "reply lost"),
        ("orders", "SendMessage", "ok"),
    ]
    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    assert len(received["Messages"]) == 2


def test_localstack_answers_to_a_head_request_like_any_other(localstack):
    s3 = localstack.account().client("s3")
    s3.create_bucket(Bucket="cloakroom-behind-a-proxy")
    s3.put_object(Bucket="cloakroom-behind-a-proxy", Key="coat", Body=b"a coat")

    assert s3.head_object(Bucket="cloakroom-behind-a-proxy", Key="coat")["ContentLength"] == 6


def test_localstack_has_no_reads_that_are_stale(localstack):
    with pytest.raises(localcloud.EngineError, match="never stale; use the embedded engine"):
        localstack.account().caller("kitchen").plan(localcloud.stale())


def test_localstack_has_no_clock_to_move_far(localstack):
    before = localstack.clock.now()
    assert localstack.clock.advance(0.1) - before < timedelta(seconds=10)

    with pytest.raises(localcloud.EngineError) as error:
        localstack.clock.advance(timedelta(minutes=5))

    assert "300 s would have to be waited for" in str(error.value)
    assert "COURSE_ENGINE=embedded" in str(error.value)


def test_accounts_of_a_localstack_that_others_use_do_not_repeat(environment, localstack, cloud):
    environment.setenv("COURSE_ENGINE", "localstack")
    environment.setenv("AWS_ENDPOINT_URL", cloud.endpoint_url)
    with localcloud.connect() as another:
        ids = {localstack.account().id, another.account().id, another.account().id}

    assert len(ids) == 3
    assert all(len(account) == 12 and account.isdigit() for account in ids)


def test_aws_is_reached_as_the_environment_says_and_nothing_is_started(environment):
    environment.setenv("COURSE_ENGINE", "aws")
    environment.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    environment.setenv("AWS_ACCESS_KEY_ID", "none")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "none")
    environment.setattr(boto3, "DEFAULT_SESSION", None)
    children = psutil.Process().children()

    with localcloud.connect() as cloud:
        account = cloud.account()
        sqs = account.client("sqs", caller="orders")

    assert (cloud.engine, cloud.endpoint_url) == ("aws", None)
    assert sqs.meta.endpoint_url == "https://sqs.eu-west-1.amazonaws.com"
    assert account.calls == []
    assert psutil.Process().children() == children


def test_aws_has_no_clock_to_move_far(environment):
    environment.setenv("COURSE_ENGINE", "aws")

    with pytest.raises(localcloud.EngineError, match="AWS has no clock to move: 300 s"):
        localcloud.connect().clock.advance(timedelta(minutes=5))


# --- the engine that several commands share ---


@pytest.fixture(scope="module")
def detached():
    """An engine that would outlive its starter."""
    engine = process.launch(detached=True)
    yield engine
    process.share(engine)
    process.stop_shared()


@pytest.fixture
def shared(environment, detached):
    """An engine as `pizza up` leaves it behind."""
    process.share(detached)
    return detached


def test_a_shared_engine_is_found_by_other_commands_and_outlives_them(environment, shared):
    environment.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{shared.port}")

    with localcloud.connect() as cloud:
        cloud.account().client("sqs").create_queue(QueueName="orders")

    assert cloud.pid == shared.pid
    assert process.shared() == process.Engine(
        shared.pid, shared.port, shared.control_port, shared.token, directory=shared.directory
    )


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://127.0.0.1:nine"])
def test_an_address_of_another_engine_than_the_shared_one_is_refused(environment, shared, url):
    environment.setenv("AWS_ENDPOINT_URL", url)

    with pytest.raises(localcloud.EngineError, match="pizza up"):
        localcloud.connect()


def test_only_its_owner_can_read_how_to_control_a_shared_engine(environment, tmp_path):
    path = process.state_file()
    path.parent.mkdir(parents=True)
    path.write_text("left by an older version")
    path.chmod(0o644)
    engine = process.launch(detached=True)
    try:
        process.share(engine)
        assert path == tmp_path / "pizza" / "engine.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        assert process.stop_shared()
    assert not psutil.pid_exists(engine.pid)
    assert not path.exists()


def test_stopping_when_none_is_shared_says_so():
    assert process.stop_shared() is False


@pytest.fixture
def killed(environment, tmp_path):
    """A shared engine that had no chance to tidy up."""
    environment.setattr(tempfile, "tempdir", str(tmp_path))
    engine = process.launch(detached=True)
    process.share(engine)
    os.kill(engine.pid, signal.SIGKILL)
    psutil.Process(engine.pid).wait(10)
    assert Path(engine.directory).parent == tmp_path
    return engine


def test_what_a_killed_engine_left_goes_when_it_is_stopped(killed):
    assert process.stop_shared() is False
    assert not Path(killed.directory).exists()


def test_what_a_killed_engine_left_goes_when_another_takes_its_place(killed, detached):
    process.share(detached)

    assert not Path(killed.directory).exists()
    assert process.shared() is not None


def test_a_note_about_another_directory_than_an_engines_removes_nothing(tmp_path):
    kept = tmp_path / "mine"
    kept.mkdir()
    process.share(process.Engine(os.getpid(), 1, 2, "token", directory=str(kept)))

    assert process.stop_shared() is False
    assert kept.exists()


@pytest.mark.parametrize("content", ["", "no JSON", "{}", '{"pid": 1}', "[]"])
def test_a_broken_note_about_a_shared_engine_counts_as_none(content):
    path = process.state_file()
    path.parent.mkdir(parents=True)
    path.write_text(content)

    assert process.shared() is None
    assert process.stop_shared() is False


def test_another_program_that_has_the_number_of_a_dead_engine_is_left_alone():
    process.share(process.Engine(os.getpid(), 1, 2, "token"))

    assert process.shared() is None
    assert process.stop_shared() is False


# --- a notebook's page ---


@pytest.fixture
def page(environment):
    """Return `open_page`; what it changes in this process is undone."""
    environment.setattr(os, "environ", os.environ.copy())
    environment.setattr(boto3, "DEFAULT_SESSION", None)
    environment.setattr(localstack_client.session, "DEFAULT_SESSION", None)
    yield localcloud.open_page
    while connecting._PAGES:
        connecting._PAGES.pop()[0].close()


def test_a_page_makes_its_account_the_default_of_both_sessions(page):
    os.environ.update(  # of the reader's own, and not to come in between
        AWS_PROFILE="none-such",
        AWS_SESSION_TOKEN="a token for AWS",
        AWS_ENDPOINT_URL_SQS="http://127.0.0.1:9",
    )
    account = page()

    localstack_client.session.client("sqs").create_queue(QueueName="by-localstack-client")
    boto3.client("sqs").create_queue(QueueName="by-plain-boto3")
    boto3.resource("sqs").create_queue(QueueName="by-a-resource")

    queues = account.client("sqs").list_queues()["QueueUrls"]
    assert sorted(url.rpartition("/")[2] for url in queues) == [
        "by-a-resource",
        "by-localstack-client",
        "by-plain-boto3",
    ]
    assert {call.caller for call in account.calls} == {"you"}
    assert account.cloud.engine == "embedded"


def test_a_page_opened_again_starts_anew_and_closes_the_one_before(page):
    first = page()
    boto3.client("sqs").create_queue(QueueName="orders")

    second = page()

    assert not psutil.pid_exists(first.cloud.pid)
    assert (
        "QueueUrls" not in boto3.client("sqs").list_queues()
        or not (boto3.client("sqs").list_queues()["QueueUrls"])
    )
    assert second.cloud.pid != first.cloud.pid


def test_a_page_on_a_shared_engine_takes_a_fresh_account_there(page, environment, shared):
    os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{shared.port}"

    first, second = page(), page()

    assert first.cloud.pid == second.cloud.pid == shared.pid
    assert first.id != second.id
    assert os.environ["AWS_ENDPOINT_URL"] == f"http://127.0.0.1:{shared.port}"


def test_a_page_on_localstack_can_be_opened_again(page, cloud):
    os.environ.update(COURSE_ENGINE="localstack", AWS_ENDPOINT_URL=cloud.endpoint_url)

    first, second = page(), page()
    boto3.client("sqs").create_queue(QueueName="orders")

    assert first.id != second.id
    assert [call.operation for call in second.calls] == ["CreateQueue"]
