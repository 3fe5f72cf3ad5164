"""The delivery service: brings confirmed orders to the door, and says half an hour before that it will.

``handler``    the queue's consumer: notes a delivery and sets its alarm
``alerts``     the alarm went off
``courier``    what a courier asks and reports; the only one who sees an address
``publisher``  publishes the outbox
``incoming``   what delivery understands of others' messages
``core``       when what is due: no AWS
``events``     what this service tells
``deliveries`` the delivery table
``alarms``     EventBridge Scheduler
"""
