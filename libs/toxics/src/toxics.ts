// A TCP proxy that makes a connection slow, silent or short. main.ts is the program that puts it in a container's way.
export type { Toxic } from './toxic.ts'
