from vendor.hub import HubModel, connect
