// Package importtest holds the tests that keep the module's floors apart: who may
// import whom, and where the name of a database server may be written. It has
// nothing to import. ARCHITECTURE.md explains the floors.
package importtest
