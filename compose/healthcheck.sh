# Whether the service in this container may be used: asks /healthz on TRIAGE_HEALTH_PORT (the swarm), else /readyz on PORT (the shop).
# The shell asks by itself: the image has no curl, and a Node for each check would cost more than most services.
path=${TRIAGE_HEALTH_PORT:+/healthz}
exec 3<>"/dev/tcp/127.0.0.1/${TRIAGE_HEALTH_PORT:-${PORT:-8080}}" || exit 1
printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "${path:-/readyz}" >&3
read -r _ status _ <&3
[ "$status" = 200 ]
