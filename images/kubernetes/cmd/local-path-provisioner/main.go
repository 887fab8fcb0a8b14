// The provisioner of the default StorageClass.
package main

import (
	"os"

	"croque.dev/kubernetes/localpath"
	"k8s.io/component-base/cli"
)

func main() {
	os.Exit(cli.Run(localpath.NewCommand()))
}
