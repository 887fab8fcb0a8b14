/**
 * Why a stack or a part of one failed, from the words that Heat has for it: whether that passes by itself. The words are those of Heat
 * (`heat/engine/service.py`, `check_resource.py`, `stack.py`), of the clients that it calls the others by (keystoneauth1, python-novaclient,
 * python-neutronclient, oslo.messaging, SQLAlchemy), and of Nova's faults (`nova/exception.py`), as releases 2025.1 and 2026.1 have them.
 * Pure.
 */

export type Verdict =
  /** Something below was away, or was ended midway: the same, tried again, succeeds when it is back. */
  | 'passes'
  /** No host could, says Nova: so it does, too, while a compute host is away for a moment. It is given a fair try. */
  | 'scarce'
  /** It is what was asked for, or who asked; also all that nobody knows the words of. */
  | 'lasts'

/** How often what is scarce is tried again: with the pauses between, for longer than a compute host needs to start and to be heard of. */
export const fairTries = 4

export function verdictOf(reason: string): Verdict {
  if (asked.some((words) => words.test(reason))) return 'lasts'
  if (room.some((words) => words.test(reason))) return 'scarce'
  if (away.some((words) => words.test(reason))) return 'passes'
  return built.test(reason) && !abandoned.test(reason) ? 'scarce' : 'lasts'
}

/** What a host could not start for another reason, another host might; Nova asks none where `scheduler.max_attempts` is 1. */
const built = /Went to status ERROR due to/
/** So says Nova where it is no matter of hosts. */
const abandoned = /Build of instance \S+ aborted/

/** First, since a reason may name more than one thing. */
const asked = [
  /quota/i,
  /\(HTTP (400|401|403|404|405|409|413|422)\)/,
  /\bForbidden\b|not authorized|Policy doesn't allow/i,
  /could not be found|Error validating value/,
  // Of a host for container guests (`images/compute/root/usr/lib/croque/lxc-room`).
  /the machine has no room for another guest/,
]

const room = [
  /No valid host was found/,
  /Exceeded maximum number of retries/,
  /Insufficient compute resources/,
  // It has tried several hosts, or one several times.
  /Build of instance \S+ was re-scheduled/,
]

const away = [
  // Nobody is there, or nobody answers.
  /Unable to establish connection|Connection refused|Connection aborted|Connection reset|Remote end closed connection/,
  /\b(ConnectFailure|ConnectTimeout|ConnectionError|RetriableConnectionFailure|DiscoveryFailure|SSLFailure)\b/,
  /\bRequest to \S+ timed out|Could not find versioned identity endpoints|Failed to contact the endpoint/,
  // Somebody is there, and cannot.
  /\(HTTP (429|5\d\d)\)|\b(500 Internal Server Error|502 Bad Gateway|503 Service Unavailable|504 Gateway Time-?out)\b/i,
  /\b(InternalServerError|ServiceUnavailable|BadGateway|GatewayTimeout|HTTPInternalServerError)\b/,
  /internal server error while processing your request|server has either erred|Unexpected API Error/i,
  // The message queue, and who was asked by it.
  /\b(MessagingTimeout|MessageDeliveryFailure|MessageUndeliverable|RemoteError)\b|Timed out waiting for a reply to message/,
  // A database.
  /\b(DBConnectionError|DBDeadlock|OperationalError)\b|Lost connection to MySQL/,
  // A Heat engine that was ended. The last is what an older engine says when it is asked to go on.
  /Engine went down during|Worker went down during|Attempted to \w+ an IN_PROGRESS stack/,
  // What it was doing beside that is given up with it, and so is what a newer wish overtakes.
  /\b[A-Z]+ aborted\b|\b(CREATE|UPDATE|DELETE|Stack \w+) cancelled\b/,
  // nova-compute was ended while it made a server: `_init_instance` marks it, and leaves no fault.
  /Message: Unknown, Code: Unknown/,
  // nova-compute had nobody to ask.
  /Failed to allocate the network\(s\)|Virtual Interface creation failed/,
  /Connection to the hypervisor is broken|is not mapped to any cell/,
]
