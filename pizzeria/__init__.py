"""The pizza restaurant's backend: plain Python, boto3 and environment variables.

``menu``     what can be ordered, by whom, and what an order is
``orders``   the order service: takes an order and puts it into the kitchen's queue
``kitchen``  the kitchen: a Lambda function that cooks what the queue delivers
"""
