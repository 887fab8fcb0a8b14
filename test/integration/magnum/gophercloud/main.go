// Calls every function that gophercloud has for Magnum. Who calls, and where, stands in the environment (OS_*); words: project, CSR, the
// administrator's password.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/containerinfra/v1/certificates"
	"github.com/gophercloud/gophercloud/v2/openstack/containerinfra/v1/clusters"
	"github.com/gophercloud/gophercloud/v2/openstack/containerinfra/v1/clustertemplates"
	"github.com/gophercloud/gophercloud/v2/openstack/containerinfra/v1/nodegroups"
	"github.com/gophercloud/gophercloud/v2/openstack/containerinfra/v1/quotas"
	"github.com/gophercloud/gophercloud/v2/pagination"
)

var ctx = context.Background()

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func same[T comparable](what string, found, wanted T) {
	if found != wanted {
		panic(fmt.Sprintf("%s: %v, not %v", what, found, wanted))
	}
}

func only[T any](what string, rows []T) T {
	same("number of "+what, len(rows), 1)
	return rows[0]
}

func all(pager pagination.Pager) pagination.Page {
	return must(pager.AllPages(ctx))
}

func connect(user, password, project string) *gophercloud.ServiceClient {
	provider := must(openstack.AuthenticatedClient(ctx, gophercloud.AuthOptions{
		IdentityEndpoint: os.Getenv("OS_AUTH_URL"), DomainName: os.Getenv("OS_USER_DOMAIN_NAME"),
		Username: user, Password: password, TenantName: project,
	}))
	client := must(openstack.NewContainerInfraV1(provider, gophercloud.EndpointOpts{Region: os.Getenv("OS_REGION_NAME")}))
	client.Microversion = "latest"
	return client
}

func settled(client *gophercloud.ServiceClient, uuid, status string) *clusters.Cluster {
	for range 3000 {
		cluster := must(clusters.Get(ctx, client, uuid).Extract())
		if cluster.Status == status {
			return cluster
		}
		time.Sleep(100 * time.Millisecond)
	}
	panic("in vain waited for " + status)
}

func gone(get func() error) {
	for range 3000 {
		err := get()
		if gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
			return
		}
		check(err)
		time.Sleep(100 * time.Millisecond)
	}
	panic("in vain waited for the end of something")
}

func main() {
	project, csr, password := os.Args[1], os.Args[2], os.Args[3]
	client := connect(os.Getenv("OS_USERNAME"), os.Getenv("OS_PASSWORD"), os.Getenv("OS_PROJECT_NAME"))
	admin := connect("admin", password, "admin")
	one, two, three := 1, 2, 3

	limit := must(quotas.Create(ctx, admin, quotas.CreateOpts{ProjectID: project, Resource: "Cluster", HardLimit: 7}).Extract())
	same("quota", limit.HardLimit, 7)

	template := must(clustertemplates.Create(ctx, client, clustertemplates.CreateOpts{
		Name: "go", COE: "kubernetes", ImageID: "coreos", KeyPairID: "key", FlavorID: "m1.small", MasterFlavorID: "m1.small",
		ExternalNetworkID: "public", Labels: map[string]string{"a": "b"},
	}).Extract())
	templates := must(clustertemplates.ExtractClusterTemplates(all(clustertemplates.List(client, clustertemplates.ListOpts{Limit: 1}))))
	same("listed template", only("templates", templates).UUID, template.UUID)
	renamed := []clustertemplates.UpdateOpts{{Op: clustertemplates.ReplaceOp, Path: "/name", Value: "gone"}}
	must(clustertemplates.Update(ctx, client, template.UUID, renamed).Extract())
	same("name of the template", must(clustertemplates.Get(ctx, client, "gone").Extract()).Name, "gone")

	uuid := must(clusters.Create(ctx, client, clusters.CreateOpts{
		Name: "go", ClusterTemplateID: template.UUID, NodeCount: &one, MasterCount: &one, Keypair: "key", CreateTimeout: &three,
	}).Extract())
	cluster := settled(client, uuid, "CREATE_COMPLETE")
	same("key pair", cluster.KeyPair, "key")
	same("label", cluster.Labels["a"], "b")
	listed := must(clusters.ExtractClusters(all(clusters.List(client, clusters.ListOpts{Limit: 1, SortKey: "name"}))))
	same("listed cluster", only("clusters", listed).UUID, uuid)
	detailed := must(clusters.ExtractClusters(all(clusters.ListDetail(client, nil))))
	same("API address", only("clusters", detailed).APIAddress, cluster.APIAddress)

	must(clusters.Resize(ctx, client, uuid, clusters.ResizeOpts{NodeCount: &two}).Extract())
	same("nodes", settled(client, uuid, "UPDATE_COMPLETE").NodeCount, 2)
	fewer := []clusters.UpdateOpts{{Op: clusters.ReplaceOp, Path: "/node_count", Value: 1}}
	must(clusters.Update(ctx, client, uuid, fewer).Extract())
	same("nodes", settled(client, uuid, "UPDATE_COMPLETE").NodeCount, 1)
	must(clusters.Upgrade(ctx, client, uuid, clusters.UpgradeOpts{ClusterTemplate: template.UUID}).Extract())
	settled(client, uuid, "UPDATE_COMPLETE")

	group := must(nodegroups.Create(ctx, client, uuid, nodegroups.CreateOpts{Name: "extra", NodeCount: &one, MaxNodeCount: &three}).Extract())
	settled(client, uuid, "UPDATE_COMPLETE")
	workers := must(nodegroups.ExtractNodeGroups(all(nodegroups.List(client, uuid, nodegroups.ListOpts{Role: "worker"}))))
	same("groups of workers", len(workers), 2)
	most := []nodegroups.UpdateOpts{{Op: nodegroups.ReplaceOp, Path: "/max_node_count", Value: 4}}
	must(nodegroups.Update(ctx, client, uuid, group.UUID, most).Extract())
	settled(client, uuid, "UPDATE_COMPLETE")
	same("most nodes", *must(nodegroups.Get(ctx, client, uuid, "extra").Extract()).MaxNodeCount, 4)
	check(nodegroups.Delete(ctx, client, uuid, "extra").ExtractErr())
	gone(func() error { return nodegroups.Get(ctx, client, uuid, "extra").Err })
	settled(client, uuid, "UPDATE_COMPLETE")

	authority := must(certificates.Get(ctx, client, uuid).Extract())
	signed := must(certificates.Create(ctx, client, certificates.CreateOpts{ClusterUUID: uuid, CSR: csr}).Extract())
	same("cluster of the certificate", signed.ClusterUUID, uuid)
	check(certificates.Update(ctx, client, uuid).ExtractErr())
	settled(client, uuid, "UPDATE_COMPLETE")
	if must(certificates.Get(ctx, client, uuid).Extract()).PEM == authority.PEM {
		panic("the authority is the one of before")
	}

	check(clusters.Delete(ctx, client, uuid).ExtractErr())
	gone(func() error { return clusters.Get(ctx, client, uuid).Err })
	check(clustertemplates.Delete(ctx, client, template.UUID).ExtractErr())
}
