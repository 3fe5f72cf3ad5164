"""The pizza restaurant's backend: plain Python, boto3 and environment variables.

``menu``     what can be ordered, by whom, and what an order is
``opening``  the restaurant on its opening night: two services and a queue
``common``   what every service takes from the company's own library

Each other folder is a service. It owns its tables, its events and its permissions, and knows the others by
their messages only:

``orders``  ``inventory``  ``payments``  ``kitchen``  ``saga``
``loyalty``  ``delivery``  ``notifications``  ``analytics``
"""
