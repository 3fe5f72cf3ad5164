"""Operating the restaurant: deploy it, order from it, watch an order travel.

``engines``    where: the embedded engine, LocalStack or AWS, as the environment says
``packaging``  the code as Lambda wants it
``modules``    what can be deployed: the templates, and which needs which
``stacks``     CloudFormation: create, update, delete, wait, say what went wrong
``deploying``  `pizza deploy` and `pizza destroy`
``costs``      what the restaurant costs on AWS
``ordering``   `pizza order`: a client of the HTTP API
``watching``   an order's way, live in the terminal
``tracking``   `pizza track`: the same as a page
``traces``     what OpenTelemetry exports, as plain spans
``receiver``   a local end for traces, beside the engine
``order_trace``  `pizza trace`
``commands``   the commands of `pizza` that all this is for
"""
