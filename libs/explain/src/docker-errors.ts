import type { Row } from './row.ts'

export const dockerErrors: readonly Row[] = [
  {
    finds: /cannot connect to the docker daemon|(?:ENOENT|ECONNREFUSED)[^\n]{0,80}docker\.sock/i,
    what: 'The Docker Engine does not answer.',
    why: 'It does not run, or listens elsewhere than asked.',
    fixes: ['Start it: `systemctl start docker`, or Docker Desktop.', 'See where it listens: `docker context ls`; set DOCKER_HOST to that.']
  },
  {
    finds: /permission denied[^\n]{0,80}docker|EACCES[^\n]{0,80}docker\.sock/i,
    what: 'This user may not use the Docker Engine.',
    why: 'Its socket belongs to root and the group docker.',
    fixes: ['Add the user to the group docker and log in again.', 'Use a filtering socket proxy and its address.']
  },
  {
    finds: /toomanyrequests|rate limit/i,
    what: 'The other side refuses more requests for now.',
    why: 'A limit of requests in a time was reached; registries count anonymous pulls.',
    fixes: ['Wait as long as it says.', 'Log in: `docker login`.', 'Ask less often.']
  },
  {
    finds: /no such image|pull access denied|manifest (?:unknown|for)|repository does not exist/i,
    what: 'The image cannot be had.',
    why: 'Its name or tag is wrong, it was never built here, or the registry wants a login.',
    fixes: ['Correct the name and the tag.', 'Build it: `docker compose build`.', 'Log in to its registry.']
  },
  {
    finds: /port is already allocated|EADDRINUSE|address already in use/i,
    what: 'The port is in use.',
    why: 'Another program or container listens on it.',
    fixes: ['See who: `ss -ltnp` or `docker ps`.', 'Stop that one, or publish another port.']
  },
  {
    finds: /container name [^\n]{1,200} is already in use/i,
    what: 'Another container has this name.',
    why: 'One that ended keeps its name until it is removed.',
    fixes: ['Remove it: `docker rm NAME`.', 'Use another name or compose project.']
  },
  {
    finds: /no such container/i,
    what: 'There is no such container.',
    why: 'It was removed, or made anew under another id.',
    fixes: ['See what there is: `docker ps --all`.', 'Start the service: `docker compose up --detach`.']
  },
  {
    finds: /container [^\n]{1,100} is not running/i,
    what: 'The container does not run.',
    why: 'It ended, or was never started.',
    fixes: ['See why: `docker logs NAME`.', 'Start it: `docker start NAME`.']
  },
  {
    finds: /executable file not found|no such file or directory: unknown/i,
    what: 'The container cannot start: its program is not in the image.',
    why: 'The command or entrypoint is misspelled, or the image is another one.',
    fixes: ['Correct the command.', 'See what the image runs: `docker image inspect IMAGE`.']
  },
  {
    finds: /exec format error/i,
    what: 'The program is for another processor, or is a script without its first line.',
    why: 'The image was built for another platform.',
    fixes: ['Build or pull for this one: `--platform linux/amd64` or `linux/arm64`.']
  },
  {
    finds: /ENOSPC|no space left on device/i,
    what: 'The disk is full.',
    why: 'Images, logs or volumes have grown.',
    fixes: ['See what takes it: `docker system df`, `df -h`.', 'Remove what is not needed, and bound the logs.']
  },
  {
    finds: /client version [\d.]{1,10} is too (?:new|old)/i,
    what: 'Client and Docker Engine do not speak the same version.',
    why: 'One of them is much older.',
    fixes: ['Set DOCKER_API_VERSION to what the engine takes: `docker version`.', 'Upgrade the older one.']
  },
  {
    finds: /network [^\n]{1,100} not found/i,
    what: 'The network does not exist.',
    why: 'It was removed, or belongs to a compose project that is down.',
    fixes: ['Bring the project up: `docker compose up --detach`.', 'See what there is: `docker network ls`.']
  },
  {
    finds: /dependency failed to start/i,
    what: 'A service that others wait for does not become healthy.',
    why: 'Compose starts what depends on it only then; it ended, or its health check fails.',
    fixes: ['See what it says: `docker compose logs SERVICE`.', 'See what its health check says: `docker inspect CONTAINER`, State.Health.']
  },
  {
    finds: /conflict: unable to (?:remove|delete)/i,
    what: 'The image is still in use.',
    why: 'A container was made from it, or another image is built on it.',
    fixes: ['See which: `docker ps --all --filter ancestor=IMAGE`.', 'Remove the container first, then the image.']
  }
]
