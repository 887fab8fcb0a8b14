"""OpenStack's metadata service for one request on standard input: a server that says what it has become, and ends."""
import json
import sys

SEEN = """
{
  echo "seen firmware $(test -d /sys/firmware/efi && echo uefi || echo bios)"
  echo "seen command line $(cat /proc/cmdline)"
  echo "seen root $(findmnt --noheadings --bytes --output SOURCE,FSTYPE,LABEL,SIZE /)"
  echo "seen failed units: $(systemctl --failed --plain --no-legend | tr '\\n' ' ')"
} > /dev/ttyS0
sync
poweroff
"""
ANSWERS = {
    "/openstack": "2018-08-27\nlatest",
    "/latest/meta-data": "",
    "/openstack/2018-08-27/meta_data.json": json.dumps({"uuid": "8a5c1e2e-0000-4000-8000-000000000001", "name": "node", "hostname": "node"}),
    "/openstack/2018-08-27/user_data": "#cloud-config\n" + json.dumps({"runcmd": [["sh", "-c", SEEN]]}),
}

path = sys.stdin.readline().split(" ")[1].rstrip("/")
while sys.stdin.readline().strip():
    pass
known = ANSWERS.get(path)
text = (known or "").encode()
head = f"HTTP/1.1 {'404 Not Found' if known is None else '200 OK'}\r\nContent-Length: {len(text)}\r\nConnection: close\r\n\r\n"
sys.stdout.buffer.write(head.encode() + text)
