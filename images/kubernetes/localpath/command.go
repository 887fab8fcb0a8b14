// Package localpath gives PersistentVolumeClaims a directory on the node that the scheduler chose for them.
// It runs once on every node and acts only for its own.
package localpath

import (
	"fmt"

	"github.com/spf13/cobra"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// NewCommand makes the command line: --node, --root, --provisioner.
func NewCommand() *cobra.Command {
	p := &provisioner{}
	command := &cobra.Command{
		Use:          "local-path-provisioner",
		SilenceUsage: true,
		RunE: func(*cobra.Command, []string) error {
			if p.node == "" {
				return fmt.Errorf("--node is not given")
			}
			config, err := rest.InClusterConfig()
			if err != nil {
				return err
			}
			if p.client, err = kubernetes.NewForConfig(config); err != nil {
				return err
			}
			return p.run(genericapiserver.SetupSignalContext())
		},
	}
	command.Flags().StringVar(&p.node, "node", "", "name of the node this runs on")
	command.Flags().StringVar(&p.root, "root", "/var/lib/croque-volumes", "directory of the volumes, the same path on the node and in this container")
	command.Flags().StringVar(&p.name, "provisioner", "croque.dev/local-path", "provisioner name in the StorageClass")
	return command
}
