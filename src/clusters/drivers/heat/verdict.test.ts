import { expect, test } from 'vitest'
import { verdictOf } from './verdict.ts'

test.each([
  ['ConnectFailure: resources.kube-minion: Unable to establish connection to http://nova-api:8774/v2.1/servers: …'],
  ['ClientException: resources.kube-minion: Unexpected API Error. Please report this. (HTTP 500) (Request-ID: req-1)'],
  [
    'InternalServerError: resources.kube_minion_eth0: Request Failed: internal server error while processing your request.',
  ],
  ['ServiceUnavailable: resources.extrouter: <html><body><h1>503 Service Unavailable</h1>'],
  ['MessagingTimeout: resources[0]: Timed out waiting for a reply to message ID 5c1f'],
  ['Engine went down during stack CREATE'],
  ['Worker went down during resource UPDATE'],
  ['Attempted to UPDATE an IN_PROGRESS stack'],
  ['CREATE aborted (Task create from StackResource "kube_minions" Stack "demo" cancelled)'],
  ['Stack UPDATE cancelled'],
  [
    'DiscoveryFailure: resources.fixed_network: Could not find versioned identity endpoints when attempting to authenticate.',
  ],
  ['ResourceInError: resources.kube-minion: Went to status ERROR due to "Message: Unknown, Code: Unknown"'],
  [
    'ResourceInError: resources.kube-minion: Went to status ERROR due to "Message: Build of instance 5c1f aborted: Failed to allocate the network(s), not rescheduling., Code: 500"',
  ],
  [
    'ResourceInError: resources.kube-minion: Went to status ERROR due to "Message: Timed out waiting for a reply to message ID 5c1f, Code: 500"',
  ],
])('it passes: %s', (reason) => {
  expect(verdictOf(reason)).toBe('passes')
})

test.each([
  ['Message: No valid host was found. There are not enough hosts available., Code: 500'],
  [
    'Message: Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for instance 5c1f., Code: 500',
  ],
  [
    "Message: internal error: guest failed to start: Failure in libvirt_lxc startup: cannot open '/dev/loop4', Code: 500",
  ],
])('it is given a fair try: %s', (reason) => {
  expect(verdictOf(`ResourceInError: resources.kube-minion: Went to status ERROR due to "${reason}"`)).toBe('scarce')
})

test.each([
  [
    'Forbidden: resources.kube-minion: Quota exceeded for cores: Requested 2, but already used 20 of 20 cores (HTTP 403)',
  ],
  ["OverQuotaClient: resources.kube_minion_eth0: Quota exceeded for resources: ['port']."],
  ["BadRequest: resources.kube-minion: Flavor's disk is too small for requested image. (HTTP 400)"],
  [
    'StackValidationFailed: Property error: resources.kube-minion.properties.image: Error validating value "x": The Image (x) could not be found.',
  ],
  ['Conflict: resources.fixed_subnet: One or more ports have an IP allocation from this subnet.'],
  [
    'ResourceInError: resources.kube-minion: Went to status ERROR due to "Message: internal error: guest failed to start: croque: the machine has no room for another guest: it allows root 128 instances of inotify, Code: 500"',
  ],
  [
    'ResourceInError: resources.kube-minion: Went to status ERROR due to "Message: Build of instance 5c1f aborted: Image 7d is unacceptable, Code: 500"',
  ],
  ['something that nobody has ever said'],
  [''],
])('it lasts: %s', (reason) => {
  expect(verdictOf(reason)).toBe('lasts')
})
