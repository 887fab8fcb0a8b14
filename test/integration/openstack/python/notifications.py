"""Reads notifications as ceilometer and its kin do: by oslo.messaging. Prints one JSON line each; ends when its input does."""
import json
import sys

import oslo_messaging
from oslo_config import cfg

url, exchange = sys.argv[1:]


class Endpoint:
    def tell(self, priority, context, publisher_id, event_type, payload, metadata):
        # In one write, with the end of its line: two threads tell what they heard.
        sys.stdout.write(json.dumps({
            'priority': priority,
            'context': context,
            'publisher_id': publisher_id,
            'event_type': event_type,
            'payload': payload,
            'metadata': metadata,
        }) + '\n')
        sys.stdout.flush()

    def info(self, *said):
        self.tell('info', *said)

    def error(self, *said):
        self.tell('error', *said)


conf = cfg.ConfigOpts()
transport = oslo_messaging.get_notification_transport(conf, url=url)
conf([])
conf.set_override('rabbit_quorum_queue', True, group='oslo_messaging_rabbit')
target = oslo_messaging.Target(topic='notifications', exchange=exchange)
listener = oslo_messaging.get_notification_listener(transport, [target], [Endpoint()], executor='threading')
listener.start()
sys.stdin.read()
