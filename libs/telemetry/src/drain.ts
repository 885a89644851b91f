// Drain: online mining of log templates (He, Zhu, Zheng, Lyu: "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017).
//
// Invariants
// 1. A message reaches its leaf by its number of tokens and its first depth − 2 tokens; only the clusters of that leaf are compared.
// 2. No node has more than maxChildren children, the wildcard's included; no more than maxClusters clusters live: the least recently used
//    one goes, and with it the nodes that led to nothing else.
// 3. The same messages in the same order give the same clusters.
import { mask } from './mask.ts'

interface DrainOptions {
  /** Depth of the leaves, the root being at 0 and the token counts at 1; at least 3. */
  depth?: number
  /** Least share of equal tokens for a message to join a cluster, from 0 to 1. */
  similarity?: number
  maxChildren?: number
  maxClusters?: number
}

/** Messages that share a template. `template` widens as messages join. */
export interface Cluster {
  readonly id: number
  template: string
  /** Messages that joined. */
  size: number
}

interface Node {
  children: Map<string, Node>
  clusters: Member[]
}

interface Member {
  cluster: Cluster
  tokens: string[]
  /** Edges from the root to the leaf. */
  path: string[]
}

const wildcard = '<*>'
const newNode = (): Node => ({ children: new Map(), clusters: [] })

/** The paper's simSeq: the share of positions that hold the same token. Both have the same length. */
const simSeq = (a: readonly string[], b: readonly string[]): number =>
  a.length === 0 ? 1 : a.filter((token, i) => token === b[i]).length / a.length

export class Drain {
  readonly #depth: number
  readonly #similarity: number
  readonly #maxChildren: number
  readonly #maxClusters: number
  readonly #root = newNode()
  /** By id, least recently used first. */
  readonly #members = new Map<number, Member>()
  #nextId = 1

  constructor({ depth = 4, similarity = 0.4, maxChildren = 100, maxClusters = 1000 }: DrainOptions = {}) {
    this.#depth = depth
    this.#similarity = similarity
    this.#maxChildren = maxChildren
    this.#maxClusters = maxClusters
  }

  /** Clusters that live, least recently used first. */
  get clusters(): Cluster[] {
    return [...this.#members.values()].map((member) => member.cluster)
  }

  /** Adds a message and returns the cluster that it joined or founded; the same object for as long as the cluster lives. */
  add(message: string): Cluster {
    const tokens = mask(message).split(/\s+/).filter(Boolean)
    const { leaf, path } = this.#descend(tokens)
    const member = this.#closest(leaf, tokens) ?? this.#found(leaf, path, tokens)
    member.tokens = member.tokens.map((token, i) => (token === tokens[i] ? token : wildcard))
    member.cluster.template = member.tokens.join(' ')
    member.cluster.size++
    this.#touch(member)
    return member.cluster
  }

  #descend(tokens: readonly string[]): { leaf: Node; path: string[] } {
    const path = [String(tokens.length)]
    let node = this.#child(this.#root, path[0]!)
    for (const token of tokens.slice(0, this.#depth - 2)) {
      const edge = this.#edge(node, token)
      path.push(edge)
      node = this.#child(node, edge)
    }
    return { leaf: node, path }
  }

  /** Tokens with digits are taken for parameters; a node that is full sends what it does not know to the wildcard. */
  #edge(node: Node, token: string): string {
    if (/\d/.test(token)) return wildcard
    if (node.children.has(token)) return token
    const room = this.#maxChildren - (node.children.has(wildcard) ? 0 : 1)
    return node.children.size < room ? token : wildcard
  }

  #child(node: Node, edge: string): Node {
    const child = node.children.get(edge) ?? newNode()
    node.children.set(edge, child)
    return child
  }

  /** The most similar cluster of the leaf; the oldest of equals; null when none is similar enough. */
  #closest(leaf: Node, tokens: readonly string[]): Member | null {
    let best: Member | null = null
    let bestScore = -1
    for (const member of leaf.clusters) {
      const score = simSeq(member.tokens, tokens)
      if (score > bestScore) [best, bestScore] = [member, score]
    }
    return bestScore >= this.#similarity ? best : null
  }

  #found(leaf: Node, path: string[], tokens: string[]): Member {
    const member = { cluster: { id: this.#nextId++, template: '', size: 0 }, tokens, path }
    leaf.clusters.push(member)
    return member
  }

  #touch(member: Member): void {
    this.#members.delete(member.cluster.id)
    this.#members.set(member.cluster.id, member)
    if (this.#members.size <= this.#maxClusters) return
    const [oldest] = this.#members.values()
    this.#members.delete(oldest!.cluster.id)
    this.#forget(this.#root, oldest!, 0)
  }

  /** Takes a member out of its leaf, and on the way back every node that is left empty. */
  #forget(node: Node, member: Member, level: number): void {
    const edge = member.path[level]
    if (edge === undefined) {
      node.clusters = node.clusters.filter((other) => other !== member)
      return
    }
    const child = node.children.get(edge)!
    this.#forget(child, member, level + 1)
    if (child.children.size === 0 && child.clusters.length === 0) node.children.delete(edge)
  }
}
