// The published test tree of RFC 6962's reference implementation (certificate-transparency, transparency-dev/merkle): eight leaves,
// their roots and proofs. And the writer against the verifier, which have no code in common.
import { Buffer } from 'node:buffer'
import { isConsistent, rootOfInclusion } from '@triage/audit-verify'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CompactRange, consistencyProof, inclusionProof, leafHash, subtreesOf } from './audit-log.ts'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const entries = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(hex)
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'
]
/** Number of the leaf from 1, size, proof. */
const inclusion: [number, number, string[]][] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4'
    ]
  ],
  [
    6,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'
    ]
  ],
  [3, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    2,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b'
    ]
  ]
]
/** Size before, size after, proof. */
const consistency: [number, number, string[]][] = [
  [1, 1, []],
  [1, 8, inclusion[1]![2]],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'
    ]
  ],
  [
    2,
    5,
    ['5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e', 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b']
  ],
  [
    6,
    7,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'
    ]
  ]
]

const hashes = entries.map(leafHash)
function treeOf(leaves: readonly Buffer[]): CompactRange {
  const tree = new CompactRange()
  for (const leaf of leaves) tree.append(leaf)
  return tree
}

test('the published roots', () => {
  expect(roots.map((_, size) => treeOf(hashes.slice(0, size)).root().toString('hex'))).toEqual(roots)
})

test.each(inclusion)('the published proof that leaf %i is in the tree of %i', (number, size, proof) => {
  const made = inclusionProof(number - 1, size, subtreesOf(new CompactRange(), hashes))
  expect(made.map((node) => node.toString('hex'))).toEqual(proof)
  expect(rootOfInclusion(number - 1, size, hashes[number - 1]!, made)!.toString('hex')).toBe(roots[size])
})

test.each(consistency)('the published proof that the tree of %i is the beginning of that of %i', (before, after, proof) => {
  const made = consistencyProof(before, after, subtreesOf(new CompactRange(), hashes))
  expect(made.map((node) => node.toString('hex'))).toEqual(proof)
  const head = (size: number) => ({ size, root: hex(roots[size]!) })
  expect(isConsistent(head(before), head(after), made)).toBe(true)
})

const leaves = Array.from({ length: 600 }, (_, i) => leafHash(Buffer.from(String(i))))
const all = subtreesOf(new CompactRange(), leaves)
const sizes = fc.integer({ min: 1, max: leaves.length })

test('law: what the writer proves the verifier accepts, for that leaf and that size only', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), (size, at, other) => {
      const index = at % size
      const root = treeOf(leaves.slice(0, size)).root()
      const proof = inclusionProof(index, size, all)
      expect(rootOfInclusion(index, size, leaves[index]!, proof)).toEqual(root)
      const elsewhere = other % size
      if (elsewhere !== index) expect(rootOfInclusion(elsewhere, size, leaves[index]!, proof)).not.toEqual(root)
      expect(rootOfInclusion(index, size, leaves[index]!, [...proof, root])).toBeNull()
      if (proof.length > 0) expect(rootOfInclusion(index, size, leaves[index]!, proof.slice(1))).toBeNull()
    })
  )
})

test('law: a tree is proven to continue one before it, from what its writer keeps; and no other one', () => {
  fc.assert(
    fc.property(sizes, sizes, fc.nat(), (a, b, which) => {
      const [small, large] = [Math.min(a, b), Math.max(a, b)]
      const before = treeOf(leaves.slice(0, small))
      const proof = consistencyProof(small, large, subtreesOf(before, leaves.slice(small, large)))
      const head = (size: number) => ({ size, root: treeOf(leaves.slice(0, size)).root() })
      expect(isConsistent(head(small), head(large), proof)).toBe(true)
      const fork = treeOf(leaves.with(which % small, leafHash(Buffer.from('other'))).slice(0, small))
      expect(isConsistent({ size: small, root: fork.root() }, head(large), proof)).toBe(false)
      expect(isConsistent(head(small), head(large), [...proof, before.root()])).toBe(false)
      if (proof.length > 0) expect(isConsistent(head(small), head(large), proof.slice(0, -1))).toBe(false)
    })
  )
})

test('a tree goes on from its frontier, and a frontier of another size is none', () => {
  const tree = treeOf(leaves.slice(0, 333))
  const again = new CompactRange(333, tree.nodes)
  for (const each of [tree, again]) for (const leaf of leaves.slice(333)) each.append(leaf)
  expect(again.root()).toEqual(treeOf(leaves).root())
  expect(() => new CompactRange(332, new CompactRange(333, tree.nodes).nodes.slice(1))).toThrow(RangeError)
})
