import type { Row } from './row.ts'

export const kubernetesErrors: readonly Row[] = [
  {
    finds: /ErrImagePull|ImagePullBackOff|InvalidImageName/,
    what: 'Kubernetes cannot pull the image.',
    why: 'The name or tag is wrong, or the registry wants credentials or cannot be reached.',
    fixes: ['Read the events: `kubectl describe pod NAME`.', 'Correct the image.', 'Add an imagePullSecret.']
  },
  {
    finds: /OOMKilled|exit(?:ed)?(?: with)?(?: code)? 137\b/i,
    what: 'The process was killed: most often it used more memory than it may.',
    why: 'Its limit is too low, or it leaks. Exit code 137 is also what any SIGKILL leaves.',
    fixes: ['Compare its memory with its limit.', 'Raise the limit, or find the leak.']
  },
  {
    finds: /CrashLoopBackOff/,
    what: 'The container ends again and again, and is started more and more slowly.',
    why: 'It fails at its start: configuration, a missing dependency, or its program.',
    fixes: ['Read the last life: `kubectl logs NAME --previous`.', 'Undo the last change: `kubectl rollout undo`.']
  },
  {
    finds: /CreateContainerConfigError|(?:secret|configmap)s? "[^"\n]{1,253}" not found/i,
    what: 'The container cannot be made: something that it refers to is missing.',
    why: 'A ConfigMap, a Secret or a key in one does not exist.',
    fixes: ['See which: `kubectl describe pod NAME`.', 'Create it, or correct the name.']
  },
  {
    finds: /FailedScheduling|insufficient (?:cpu|memory)|nodes are available/i,
    what: 'No node has room for the pod.',
    why: 'It requests more than is free, or asks for a node that there is not.',
    fixes: ['Lower its requests.', 'Add a node, or remove what is not needed.', 'Look at taints, selectors and affinities.']
  },
  {
    finds: /exceeded quota/i,
    what: 'The namespace may not use more.',
    why: 'A ResourceQuota is used up.',
    fixes: ['See it: `kubectl describe quota`.', 'Use less, or raise it.']
  },
  {
    finds: /FailedMount|FailedAttachVolume|unable to attach or mount/i,
    what: 'A volume cannot be mounted.',
    why: 'It does not exist, or is still attached to another node.',
    fixes: ['Look at the claim: `kubectl describe pvc`.', 'Wait until the other node lets it go.']
  },
  {
    finds: /evicted|node was low on resource/i,
    what: 'The node put the pod out.',
    why: 'It ran out of memory or disk.',
    fixes: ['See what the node lacks: `kubectl describe node`.', 'Set requests that say what the pod needs.']
  },
  {
    finds: /(?:liveness|readiness|startup) probe failed/i,
    what: 'A probe of the pod fails.',
    why: 'The program does not answer in time, or something that it needs is away.',
    fixes: ['Ask the same by hand, from within the pod.', 'Repair what it depends on first.', 'Give a slow start a startup probe.']
  },
  {
    finds: /object has been modified|please apply your changes to the latest version/i,
    what: 'Somebody else changed the object first.',
    why: 'It was written between the read and this write.',
    fixes: ['Read it again, and decide again.']
  },
  {
    finds: /forbidden: User|cannot (?:get|list|watch|create|update|patch|delete) resource/i,
    what: 'Kubernetes does not let this account do that.',
    why: 'No role that it is bound to allows it.',
    fixes: ['See what it may do: `kubectl auth can-i --list`.', 'Bind a role with this verb and resource.']
  },
  {
    finds: /error validating data|unknown field "|is invalid: spec\./i,
    what: 'Kubernetes does not take the manifest.',
    why: 'A field is misspelled, in the wrong place, of another version of the API, or has a value that is not allowed.',
    fixes: ['See which fields there are: `kubectl explain KIND.spec`.', 'Try it without a change: `kubectl apply --dry-run=server`.']
  }
]
