"""A timeline shows every recorded call, and what became of each message."""

from __future__ import annotations

import pytest

from visuals import timeline


def bars(seen):
    return seen.of("v-hidden-bar")[:-1]  # the last one is the legend's


def span(bar):
    top = float(bar.get("y"))
    return top, top + float(bar.get("height"))


def test_every_call_is_an_arrow_with_its_number(too_short, see):
    seen = see(timeline(too_short))
    assert [t for t in seen.texts if t.isdigit()] == ["1", "2", "3", "4", "5", "6", "7"]
    arrows = [e for e in seen.of("v-call-line") + seen.of("v-fail-line") if e.tag.endswith("line")]
    flat = [e for e in arrows if e.get("y1") == e.get("y2")]
    assert len(flat) == 7
    assert seen.texts.count("ReceiveMessage") == seen.texts.count("PutItem") == 2


def test_a_send_points_at_the_queue_and_a_receive_at_its_caller(log, see):
    log("orders", "SendMessage", "orders", "order 1")
    log("orders", "ReceiveMessage", "orders", "order 1")
    sent, received = see(timeline(log.calls, lanes=["orders"])).of("v-call-line")
    assert float(sent.get("x1")) < float(sent.get("x2"))
    assert float(received.get("x1")) > float(received.get("x2"))


def test_a_queue_and_a_caller_of_the_same_name_are_two_lanes(too_short, see):
    assert see(timeline(too_short)).texts.count("orders") == 2


def test_setting_up_is_left_out_unless_asked_for_or_failed(too_short, log, see):
    assert "CreateQueue" not in see(timeline(too_short)).texts
    assert "1 set-up call not shown" in see(timeline(too_short)).texts
    assert "CreateQueue" in see(timeline(too_short, with_setup=True)).texts
    log("you", "CreateQueue", "orders", outcome="killed after")
    assert "CreateQueue" in see(timeline(log.calls)).texts


def test_time_is_told_relative_to_the_first_call_and_pauses_are_marked(too_short, see):
    texts = see(timeline(too_short)).texts
    assert [t for t in texts if t.startswith("+")] == ["+0 s", "+1 s", "+31 s", "+46 s", "+61 s"]
    assert [t for t in texts if t.endswith("later")] == ["30 s later", "15 s later", "15 s later"]


def test_a_message_is_hidden_from_its_receive_until_it_comes_again_or_is_deleted(too_short, see):
    seen = see(timeline(too_short))
    first, second = map(span, bars(seen))
    arrow = {n: seen.baseline("ReceiveMessage", n) for n in (0, 1)}
    deleted = seen.baseline("DeleteMessage", 1)
    assert arrow[0] < first[0] < first[1] < second[0]
    assert arrow[1] < second[0] < seen.baseline("PutItem", 0)
    assert deleted < second[1] < deleted + 10
    assert first[1] < seen.baseline("ReceiveMessage", 1)  # visible again just before


def test_a_delete_that_failed_does_not_end_the_hiding(too_short, see):
    seen = see(timeline(too_short))
    assert span(bars(seen)[1])[1] > seen.baseline("DeleteMessage", 0) + 20


def test_a_second_delivery_is_called_so(too_short, see):
    assert see(timeline(too_short)).texts.count("↻ 2nd delivery") == 1


def test_a_known_visibility_timeout_ends_the_hiding(log, see):
    log("kitchen", "ReceiveMessage", "orders", "order 1")
    log("kitchen", "PutItem", "cooked", "order 1", after=60)
    log("kitchen", "ReceiveMessage", "orders", "order 1", after=60)
    until_received = bars(see(timeline(log.calls)))[0]
    until_visible = bars(see(timeline(log.calls, visibility_timeout=30)))[0]
    assert span(until_visible)[1] < span(until_received)[1]
    assert "the visibility timeout is over" in timeline(log.calls, visibility_timeout=30).alt


def test_extending_the_timeout_counts_against_the_known_one(log):
    log("kitchen", "ReceiveMessage", "orders", "order 1")
    log("kitchen", "ChangeMessageVisibility", "orders", "order 1", after=20)
    log("kitchen", "DeleteMessage", "orders", "order 1", after=60)
    assert "until deleted at +80 s" in timeline(log.calls, visibility_timeout=30).alt


def test_hiding_whose_end_nobody_saw_is_dashed_and_stops_at_the_next_pause(log, see):
    log("kitchen", "ReceiveMessage", "orders", "order 1")
    log("kitchen", "PutItem", "cooked", "order 1", after=86_400)
    seen = see(timeline(log.calls))
    (bar,) = bars(seen)
    assert "v-dashed" in bar.get("class").split()
    assert span(bar)[1] < seen.baseline("PutItem")
    assert "not seen to be deleted" in timeline(log.calls).alt


def test_a_batch_is_one_bar_until_its_last_message_is_deleted(log, see):
    log("kitchen", "ReceiveMessage", "orders", "order 1, order 2")
    log("kitchen", "DeleteMessage", "orders", "order 1")
    log("kitchen", "DeleteMessage", "orders", "order 2")
    seen = see(timeline(log.calls))
    assert len(bars(seen)) == 1
    assert "2 hidden" in seen.texts
    assert span(bars(seen)[0])[1] > seen.baseline("DeleteMessage", 1)


def test_of_a_batch_each_message_is_hidden_until_its_own_end(log, see):
    log("kitchen", "ReceiveMessage", "orders", "order 1, order 2, order 3")
    log("kitchen", "DeleteMessage", "orders", "order 1")
    log("kitchen", "DeleteMessage", "orders", "order 3")
    log("kitchen", "ReceiveMessage", "orders", "order 2", after=31)
    picture = timeline(log.calls)
    texts = see(picture).texts
    assert [t for t in texts if t.endswith(" hidden")] == ["3 hidden", "2 hidden", "1 hidden"]
    assert see(picture).baseline("1 hidden") > see(picture).baseline("DeleteMessage", 1)
    assert (
        "order 1 and order 3 are hidden from +0 s until deleted at +0 s; "
        "order 2 until received again at +31 s." in picture.sentences
    )
    assert "order 2 is received at +31 s and not seen to be deleted." in picture.sentences


def test_what_one_delete_leaves_of_two_batches_is_counted_together(log, see):
    log("kitchen", "ReceiveMessage", "orders", "order 1, order 2")
    log("kitchen", "ReceiveMessage", "orders", "order 3, order 4")
    log("kitchen", "DeleteMessageBatch", "orders", "order 1, order 3")
    assert see(timeline(log.calls)).texts.count("2 hidden") == 3
    see(timeline(log.calls)).no_words_overlap_or_leave()


def test_a_page_may_name_messages_that_are_about_the_same_order(log, see):
    for message in ("m1", "m2", "m3"):
        log("orders", "SendMessage", "orders", "order 1", ids=[message])
    log("kitchen", "ReceiveMessage", "orders", "order 1, order 1, order 1", ids=["m2", "m1", "m3"])
    log("kitchen", "PutItem", "tickets", "order 1")
    picture = timeline(log.calls, names=["Ada 1", "Ada 2"], highlight=["Ada 2"])
    texts = see(picture).texts
    assert {"Ada 1", "Ada 2", "Ada 2, Ada 1, order 1"} <= set(texts)
    assert texts.count("order 1") == 2  # the third message, and the ticket
    assert len(see(picture).of("v-band")) == 2  # Ada's second, sent and received
    assert "Ada 2, Ada 1 and order 1 are received at +0 s" in picture.alt


def test_names_of_many_messages_are_told_by_the_first_and_the_last(log, see):
    log("orders", "SendMessageBatch", "orders", "order 1 … order 1 (5)", ids=list("abcde"))
    names = [f"letter {n}" for n in range(1, 6)]
    assert "letter 1 … letter 5 (5)" in see(timeline(log.calls, names=names)).texts


def test_a_list_of_messages_that_is_too_long_for_an_arrow_is_counted(log, see):
    log("kitchen", "ReceiveMessage", "orders", "order 1001, order 1002, order 1003")
    texts = see(timeline(log.calls)).texts
    assert any(text.startswith("3 messages") for text in texts)
    assert not any("…" in text for text in texts)
    assert "order 1001, order 1002, order 1003" in timeline(log.calls).sentences[1]


def test_two_consumers_hide_side_by_side(log, see):
    log("a", "ReceiveMessage", "orders", "order 1")
    log("b", "ReceiveMessage", "orders", "order 2")
    log("a", "DeleteMessage", "orders", "order 1")
    log("b", "DeleteMessage", "orders", "order 2")
    first, second = bars(see(timeline(log.calls)))
    assert float(first.get("x")) + float(first.get("width")) < float(second.get("x"))


def test_a_delete_after_which_the_message_still_came_is_called_too_late(log, see):
    log("a", "ReceiveMessage", "orders", "order 1")
    log("b", "ReceiveMessage", "orders", "order 1", after=31)
    log("a", "DeleteMessage", "orders", "order 1")  # an outdated receipt handle: "ok", no effect
    log("a", "ReceiveMessage", "orders", "order 1", after=31)
    assert "✕ too late: deletes nothing" in see(timeline(log.calls)).texts


def test_a_message_that_turns_up_elsewhere_was_moved(poison, see):
    picture = timeline(poison)
    texts = see(picture).texts
    assert "moved by SQS" in texts
    assert (
        "SQS has moved order 13 from orders to dead-letter queue orders-dlq." in picture.sentences
    )
    assert texts.index("moved by SQS") < texts.index("2 h later")


def test_a_death_is_a_cross_on_the_caller_whose_line_stops_there(killed, see):
    seen = see(timeline(killed))
    assert "✕ killed after it took effect" in seen.texts
    assert "✕ killed before it took effect" in seen.texts
    kitchen = [e for e in seen.of("v-lane") if e.get("x1") == e.get("x2")]
    by_x: dict[str, list] = {}
    for line in kitchen:
        by_x.setdefault(line.get("x1"), []).append(line)
    x, pieces = next((x, lines) for x, lines in by_x.items() if len(lines) == 3)
    crosses = {(e.get("y1"), e.get("y2")) for e in seen.of("v-fail-line") if crosses_at(e, x)}
    ends = [line.get("y2") for line in pieces[:2]]
    assert len(crosses) == 4  # two strokes for each of the two deaths
    assert all(any(float(a) < float(y) < float(b) for a, b in crosses) for y in ends)


def crosses_at(line, x):
    middle = (float(line.get("x1")) + float(line.get("x2"))) / 2
    return line.get("y1") != line.get("y2") and abs(middle - float(x)) < 0.2


def test_a_call_that_never_happened_does_not_reach_its_resource(killed, see):
    seen = see(timeline(killed))
    stub = [e for e in seen.of("v-fail-line") if "v-dashed" in e.get("class").split()]
    before, lost = stub
    whole = seen.of("v-call-line")[-2]  # SendMessage whose reply was lost
    assert float(before.get("x2")) < float(whole.get("x2")) - 30
    assert float(lost.get("x2")) < float(lost.get("x1"))  # the broken way back


def test_failures_have_a_sign_and_words_besides_their_colour(killed, see):
    texts = see(timeline(killed)).texts
    assert "✕ ConditionalCheckFailedException" in texts
    assert "✕ done, but reply lost" in texts


def test_a_run_of_the_same_call_is_one_arrow(busy, see):
    texts = see(timeline(busy[:200])).texts
    assert texts.count("SendMessage ×200") == 1
    assert "order 1 … order 200" in texts
    assert "1–200" in texts


def test_empty_receives_are_counted(log, see):
    for _ in range(3):
        log("kitchen", "ReceiveMessage", "orders", "empty", after=20)
    assert "3 empty receives" in see(timeline(log.calls)).texts


def test_hundreds_of_calls_stay_a_short_picture(busy, see):
    picture = timeline(busy)
    texts = see(picture).texts
    assert picture.height < 600
    assert "201–620: 420 calls, in turns" in texts
    assert {"ReceiveMessage ×20", "PutItem ×200", "DeleteMessage ×200"} <= set(texts)


def test_what_stands_out_is_not_folded_away(busy, log, see):
    log("kitchen", "PutItem", "cooked", "order 200", outcome="killed after")
    assert "✕ killed after it took effect" in see(timeline(log.calls)).texts
    texts = see(timeline(log.calls, highlight=["order 77"])).texts
    assert texts.count("order 77") == 3  # sent, cooked, deleted; received with nine others


@pytest.mark.parametrize(
    ("highlight", "rows"), [([1], 1), (["order 17"], 7), (["kitchen-2"], 3), (["order 1"], 0)]
)
def test_highlighting_marks_whole_rows(too_short, see, highlight, rows):
    assert len(see(timeline(too_short, highlight=highlight)).of("v-band")) == rows


def test_lanes_stand_in_the_order_asked_for(too_short, see):
    boxes = see(timeline(too_short, lanes=["kitchen-2", "nobody", "cooked"])).boxes()
    left = {words: x for words, x, *_ in boxes}
    assert left["kitchen-2"] < left["cooked"] < left["orders"] < left["kitchen"]


def test_a_transaction_reaches_all_its_tables(log, see):
    log("loyalty", "TransactWriteItems", "points, inbox", "order 1")
    seen = see(timeline(log.calls))
    assert {"points", "inbox"} <= set(seen.texts)
    assert len(seen.of("v-call-fill")) == 2  # arrowheads
    assert len(seen.of("v-call-line")) == 1


def test_a_service_without_a_shape_of_its_own_is_drawn_too(log, see):
    log("orders", "Encrypt", "", "order 1")
    assert "kms" in see(timeline(log.calls)).texts


def test_nothing_recorded_says_so(see):
    assert see(timeline([])).texts[-1] == timeline([]).sentences[0] == "No calls were recorded."


def test_the_words_say_what_the_picture_says(too_short):
    alt = timeline(too_short, title="Too short").alt
    assert alt.startswith("Too short. 7 calls by orders, kitchen and kitchen-2 in 61 s")
    assert (
        "3. +31 s: kitchen-2 calls ReceiveMessage on queue orders: order 17; 2nd delivery." in alt
    )
    assert "5. +46 s: kitchen calls DeleteMessage on queue orders: order 17; ReceiptHandle" in alt
    assert "order 17 is hidden from +1 s until received again at +31 s." in alt
    assert "order 17 is hidden from +31 s until deleted at +61 s." in alt


@pytest.mark.parametrize("story", ["too_short", "killed", "poison", "long_error", "busy"])
def test_no_words_overlap_or_leave_the_picture(story, request, see):
    picture = timeline(
        request.getfixturevalue(story), title="A title that is rather long, as some are"
    )
    see(picture).no_words_overlap_or_leave()


@pytest.mark.parametrize("story", ["too_short", "killed", "poison", "long_error", "busy"])
def test_no_words_run_over_a_hidden_bar(story, request, see):
    seen = see(timeline(request.getfixturevalue(story)))
    for bar in seen.of("v-hidden-bar"):
        x, right = float(bar.get("x")), float(bar.get("x")) + float(bar.get("width"))
        y, bottom = (edge + seen.drawing_top for edge in span(bar))
        for words, left2, top2, right2, bottom2 in seen.boxes():
            apart = right <= left2 or right2 <= x or bottom <= top2 or bottom2 <= y
            assert apart, f"{words!r} runs over a bar"
