"""A record that fails five times must not hold up the stream, so it is passed over.

Loses: refused
"""

MOST_ATTEMPTS = 5
attempts = {}


def handler(event, context):
    for record in event["Records"]:
        number = record["dynamodb"]["SequenceNumber"]
        try:
            process(record)
        except Exception as error:
            attempts[number] = attempts.get(number, 0) + 1
            if attempts[number] < MOST_ATTEMPTS:
                return {"batchItemFailures": [{"itemIdentifier": number}]}
            print(f"given up: {error}")
    return {"batchItemFailures": []}
